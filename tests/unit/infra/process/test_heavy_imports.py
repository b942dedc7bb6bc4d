"""Large packages are imported with the collector at rest."""

import gc
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
