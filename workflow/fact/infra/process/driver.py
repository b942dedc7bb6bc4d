"""The NVIDIA driver of this machine, and whether a build of torch can use it."""

import re
from pathlib import Path

VERSION = Path("/proc/driver/nvidia/version")
# the oldest driver branch that runs programs built for a major version of CUDA (CUDA's notes on minor version
# compatibility)
NEEDED = {11: 450, 12: 525, 13: 580}


def driver_version(path: Path = VERSION) -> str | None:
    """Return the version of the loaded driver, such as ``535.104.05``; None without one."""
    if not path.is_file():
        return None
    found = re.search(r"Kernel Module(?: for \S+)?\s+(\d+(?:\.\d+)+)", path.read_text("utf-8"))
    return found[1] if found else None


def needed_driver(cuda: str | None) -> int | None:
    """Return the oldest driver branch for a build of torch; None for the CPU or where it is unknown."""
    return NEEDED.get(int(cuda.partition(".")[0])) if cuda else None


def is_too_old(driver: str | None, cuda: str | None) -> bool:
    """Return whether a driver is known to be too old for a build of torch."""
    needed = needed_driver(cuda)
    return driver is not None and needed is not None and int(driver.partition(".")[0]) < needed
