"""Large packages are imported with the collector at rest, whether or not torchvision fits torch."""

import gc
import subprocess
import sys
from collections.abc import Iterator

import pytest
from fact.infra.process.heavy_imports import collector_rests


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    gc.enable()


@pytest.mark.parametrize("was_on", [True, False])
def test_it_rests_within_and_is_as_before_afterwards(was_on: bool):
    gc.enable() if was_on else gc.disable()
    with collector_rests():
        assert not gc.isenabled()
    assert gc.isenabled() == was_on


def test_a_package_that_is_missing_leaves_it_on():
    with pytest.raises(ModuleNotFoundError, match="no_such_package"), collector_rests():
        import no_such_package  # noqa: F401
    assert gc.isenabled()


GUARDED = """if True:
    from fact.infra.process.heavy_imports import _operators_load, allow_mismatched_torchvision

    fits = _operators_load()
    mismatch = allow_mismatched_torchvision()
    assert allow_mismatched_torchvision() == mismatch
    import torch, torchvision

    image = torchvision.transforms.functional.center_crop(torch.zeros(3, 8, 8), 4)
    assert image.shape == (3, 4, 4) and hasattr(torch.ops.torchvision, "nms")
    print(fits, mismatch)
"""


def start(code: str) -> subprocess.Popen:
    """In a process of its own: what torch has loaded stays."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([sys.executable, "-c", code], text=True, **pipes)


@pytest.mark.slow
def test_torchvision_is_importable_after_the_guard_and_a_mismatch_is_told() -> None:
    guarded, plain = start(GUARDED), start("import torchvision")
    output, errors = guarded.communicate()
    assert guarded.returncode == 0, errors
    fits, mismatch = output.split()
    assert fits != mismatch
    _, errors = plain.communicate()
    assert (plain.returncode == 0) == (fits == "True"), errors


def test_importing_the_guard_imports_no_torch() -> None:
    assert start("import sys, fact.infra.process.heavy_imports; sys.exit('torch' in sys.modules)").wait() == 0
