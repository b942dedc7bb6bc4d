"""A small run that faults are put into."""

import shutil
from pathlib import Path

import pytest
from checkout import copy_checkout, runner
from drill import OVERLAY, checksums


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished small run; never changed, only copied."""
    checkout = copy_checkout(tmp_path_factory.mktemp("small"))
    (checkout / "drill.yaml").write_text(OVERLAY)
    runner(checkout)("snakemake", "--cores", "2", "--configfile", "drill.yaml")
    return checkout


@pytest.fixture(scope="session")
def expected(small: Path) -> dict[str, str]:
    """Checksums of its results."""
    return checksums(small)


@pytest.fixture
def site(small: Path, tmp_path: Path) -> Path:
    """A copy of the finished run, to be damaged."""
    return shutil.copytree(small, tmp_path / "site", symlinks=True, copy_function=shutil.copy2)
