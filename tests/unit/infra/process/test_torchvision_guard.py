"""torchvision can be imported, whether or not its compiled operators fit torch."""

import subprocess
import sys

import pytest

GUARDED = """if True:
    import fact
    import torch, torchvision
    from fact.infra.process.torchvision_guard import TorchvisionGuard, _operators_load, operators_are_foreign

    assert not any(isinstance(finder, TorchvisionGuard) for finder in sys.meta_path)
    image = torchvision.transforms.functional.center_crop(torch.zeros(3, 8, 8), 4)
    assert image.shape == (3, 4, 4) and hasattr(torch.ops.torchvision, "nms")
    print(operators_are_foreign())
"""
FOREIGN = "from fact.infra.process import torchvision_guard as guard; print(not guard._operators_load())"


def start(code: str) -> subprocess.Popen:
    """In a process of its own: what torch has loaded stays."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([sys.executable, "-c", f"import sys\n{code}"], text=True, **pipes)


@pytest.mark.slow
def test_torchvision_is_importable_and_a_foreign_build_is_told() -> None:
    guarded, foreign, plain = start(GUARDED), start(FOREIGN), start("import torchvision")
    output, errors = guarded.communicate()
    assert guarded.returncode == 0, errors
    assert foreign.communicate()[0] == output
    _, errors = plain.communicate()
    assert (plain.returncode == 0) == (output == "False\n"), errors


def test_importing_the_library_imports_no_torch_and_guards_once() -> None:
    code = """if True:
    import fact
    from fact.infra.process.torchvision_guard import TorchvisionGuard, guard_torchvision

    guard_torchvision()
    guards = [finder for finder in sys.meta_path if isinstance(finder, TorchvisionGuard)]
    sys.exit("torch" in sys.modules or len(guards) != 1)
    """
    assert start(code).wait() == 0
