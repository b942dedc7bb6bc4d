"""How much memory a process may still take: what the machine has, or what is left of its cgroup's limit."""

from pathlib import Path

import psutil

OWN, ROOT = Path("/proc/self/cgroup"), Path("/sys/fs/cgroup")
# names of limit and use in version 2 and 1
FILES = (("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes"))


def free_memory(own: Path = OWN, root: Path = ROOT) -> int:
    """Return bytes that this process may still take, the page cache counted as free.

    ``own`` lists the process's cgroups, whose files lie below ``root``; of a cgroup and those above it the
    least counts.
    """
    return min([psutil.virtual_memory().available, *map(_left, _folders(own, root))])


def _folders(own: Path, root: Path) -> list[Path]:
    """Return the folders of the process's memory cgroup and of all above it."""
    lines = own.read_text().splitlines() if own.is_file() else []
    entries = [line.split(":", 2) for line in lines]
    places = [
        (root / "memory" if names else root) / path.lstrip("/")
        for _, names, path in entries
        if not names or "memory" in names.split(",")
    ]
    return [folder for place in places for folder in (place, *place.parents) if folder.is_relative_to(root)]


def _left(folder: Path) -> int:
    """Return what is left of a cgroup's limit; where it has none, more than any machine has."""
    for limit, use in FILES:
        most = _number(folder / limit)
        if most is not None:
            return max(0, most - (_number(folder / use) or 0) + _cache(folder))
    return 2**63


def _number(file: Path) -> int | None:
    text = file.read_text().strip() if file.is_file() else ""
    return int(text) if text.isdigit() else None


def _cache(folder: Path) -> int:
    """Return what the kernel frees when memory is short: files that were read and are not in use."""
    file = folder / "memory.stat"
    lines = file.read_text().splitlines() if file.is_file() else []
    values = [int(line.split()[1]) for line in lines if line.startswith("inactive_file ")]
    return values[0] if values else 0
