"""Checkouts in which the workflow runs for real."""

from pathlib import Path

import pytest
from checkout import TINY, finished_run, prepared


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout in which nothing has run, with an overlay ``tiny.yaml``."""
    return prepared(tmp_path_factory.mktemp("fresh"), TINY, "tiny.yaml")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout with the tiny digits run, which is done once; each test file has a copy of its own."""
    return finished_run(tmp_path_factory, TINY, "tiny.yaml")
