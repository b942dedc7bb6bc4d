"""Markers by folder, the limit of quick tests, and the seconds of each file."""

import json
import os
from collections import Counter
from collections.abc import Generator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
DURATIONS = HERE / "durations.json"
FOLDERS = ("unit", "workflow", "fault", "slurm", "browser", "paper")


def pytest_addoption(parser: pytest.Parser) -> None:
    limit = "processor seconds that a unit test may take without the marker slow"
    # machines of CI are of several kinds, and slower ones among them
    usual = 15.0 if os.environ.get("CI") else 5.0
    parser.addoption("--quick-limit", type=float, default=usual, help=limit)
    parser.addoption(
        "--write-durations", action="store_true", help=f"write seconds of files to {DURATIONS.name}"
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("write_durations") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(WrittenDurations(config.rootpath))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with the name of its folder, and begin with the files that take longest."""
    known = seconds_of_files()
    for item in items:
        folder = item.path.relative_to(HERE).parts[0]
        if folder in FOLDERS:
            item.add_marker(folder)
    items.sort(key=lambda item: known.get(file_of(item.nodeid), 0.0), reverse=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Fail a unit test that takes too long and is not marked slow."""
    before = processor_seconds()
    result = yield
    taken, limit = processor_seconds() - before, item.config.getoption("quick_limit")
    quick = item.get_closest_marker("unit") and not item.get_closest_marker("slow")
    if quick and taken > limit:
        pytest.fail(
            f"it took {taken:.1f} processor seconds, above {limit:g}: make it quicker, or mark it slow"
        )
    return result


def processor_seconds() -> float:
    """Of this process and of its children that have ended. Waiting for a busy machine takes none."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def seconds_of_files() -> dict[str, float]:
    return json.loads(DURATIONS.read_text("utf-8")) if DURATIONS.is_file() else {}


def file_of(nodeid: str) -> str:
    return nodeid.split("::", 1)[0]


class WrittenDurations:
    """Adds up the seconds of each file; those of files that did not run stay as they were."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.seconds: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[file_of(report.nodeid)] += report.duration

    def pytest_sessionfinish(self) -> None:
        there = {name: taken for name, taken in seconds_of_files().items() if (self.root / name).is_file()}
        found = there | {name: round(taken, 1) for name, taken in self.seconds.items()}
        DURATIONS.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", "utf-8")
