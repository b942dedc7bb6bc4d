"""What a job ran with: versions, driver and commit. They stand beside its result, never in it."""

import subprocess
import sys
from functools import cache
from pathlib import Path

from fact.infra.fields import Settings
from fact.infra.process.code_version import package_versions
from fact.infra.process.driver import driver_version

SOURCES = Path(__file__).parent
GIT_SECONDS = 10


def made_by() -> dict[str, object]:
    """Return versions of Python and the main packages, of CUDA and the driver, and the commit, as JSON types.

    None for what there is none of.
    """
    torch = sys.modules.get("torch")
    cuda = torch.version.cuda if torch else None
    return {"packages": package_versions(), "cuda": cuda, "driver": driver_version(), "commit": commit()}


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
