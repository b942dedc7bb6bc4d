"""A small run that faults are put into."""

from pathlib import Path

import pytest
from checkout import copy_of, finished_run
from drill import OVERLAY, checksums


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished small run; never changed, only copied."""
    return finished_run(tmp_path_factory, OVERLAY, "drill.yaml")


@pytest.fixture(scope="session")
def expected(small: Path) -> dict[str, str]:
    """Checksums of its results."""
    return checksums(small)


@pytest.fixture
def site(small: Path, tmp_path: Path) -> Path:
    """A copy of the finished run, to be damaged."""
    return copy_of(small, tmp_path / "site")
