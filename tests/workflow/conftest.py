"""Checkouts in which the workflow runs for real."""

from pathlib import Path

import pytest
from checkout import TINY, finished_run, prepared


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The paper in miniature first: as long as half of all other tests, it must not be left for the end."""
    items.sort(key=lambda item: item.path.name != "test_paper.py")


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout in which nothing has run, with an overlay ``tiny.yaml``."""
    return prepared(tmp_path_factory.mktemp("fresh"), TINY, "tiny.yaml")


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout in which the tiny digits run has been finished once."""
    return finished_run(tmp_path_factory, TINY, "tiny.yaml")
