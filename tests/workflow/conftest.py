"""Checkouts in which the workflow runs for real."""

from pathlib import Path

import pytest
from checkout import TINY, copy_checkout, runner


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout in which nothing has run, with an overlay ``tiny.yaml``."""
    checkout = copy_checkout(tmp_path_factory.mktemp("fresh"))
    (checkout / "tiny.yaml").write_text(TINY)
    return checkout


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout in which the tiny digits run has been finished once."""
    checkout = copy_checkout(tmp_path_factory.mktemp("finished"))
    (checkout / "tiny.yaml").write_text(TINY)
    runner(checkout)("snakemake", "--cores", "2", "--configfile", "tiny.yaml")
    return checkout
