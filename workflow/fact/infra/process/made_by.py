"""What a job ran with: versions, driver, commit and command line. They stand beside its result, never in it.

They differ between runs of the same work, and equal work has to give equal bytes.
"""

import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from fact.infra.fields import Settings
from fact.infra.files.record import publish_record
from fact.infra.process.code_version import package_versions
from fact.infra.process.command_line import command_line
from fact.infra.process.computed_on import device_name
from fact.infra.process.driver import driver_version

SOURCES = Path(__file__).parent
GIT_SECONDS = 10
# what can change a number: a table whose jobs differ in one of these says so
LIBRARIES = ("python", "torch", "timm", "scikit-learn", "numpy", "peft")


def publish_made_by(path: Path | str) -> None:
    """Publish what this job runs with, for a result without timings: ``made_by.json`` beside it."""
    publish_record(path, provenance())


def provenance() -> dict[str, object]:
    """Return ``device`` and ``made_by``, the part that all records of what a job ran with have."""
    return {"device": device_name(), "made_by": made_by()}


def made_by() -> dict[str, object]:
    """Return versions of Python and the main packages, of CUDA and the driver, the commit and the command.

    As JSON types; None for what there is none of, or what this process cannot know.
    """
    torch = sys.modules.get("torch")
    cuda = torch.version.cuda if torch else None
    found = {"packages": package_versions(), "cuda": cuda, "driver": driver_version()}
    return {**found, "commit": commit(), "command": command_line()}


@cache
def commit(folder: Path = SOURCES) -> str | None:
    """Return the commit that these sources are checked out at, ``-dirty`` behind it where they were edited.

    None for an installed package, and without git.
    """
    command = ["git", "-C", str(folder), "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    try:
        found = subprocess.run(command, capture_output=True, text=True, timeout=GIT_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return found.stdout.strip() or None


def in_words(record: Settings) -> str:
    """Return such a record in one line, packages that are absent left out."""
    packages = [f"{name} {number}" for name, number in record["packages"].items() if number != "absent"]
    rest = [f"{name} {record[name]}" for name in ("cuda", "driver", "commit") if record.get(name)]
    return ", ".join([*packages, *rest])


def lines_of(record: Settings) -> Iterator[str]:
    """Yield what a record of a job says of what made its files, one line each; none for an older record."""
    if "made_by" in record:
        yield f"made by: {in_words(record['made_by'])}"
        yield f"device: {record['device']}"
        if command := record["made_by"].get("command"):
            yield f"command: {command}"


def versions_of(record: Settings) -> dict[str, str]:
    """Return versions of :data:`LIBRARIES`, CUDA and the driver, those that are there and known."""
    made = record.get("made_by", {})
    known = {name: made.get("packages", {}).get(name, "absent") for name in LIBRARIES}
    rest = {name: made.get(name) or "absent" for name in ("cuda", "driver")}
    return {name: number for name, number in (known | rest).items() if number != "absent"}
