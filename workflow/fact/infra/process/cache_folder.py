"""Where libraries keep their caches, and another place where the user's own cannot be written."""

import os
from collections.abc import Mapping
from pathlib import Path

# Snakemake, Numba and others look here, and below the home folder where it is not set
VARIABLE = "XDG_CACHE_HOME"


def user_cache() -> Path:
    """Return the user's folder of caches, which may not exist."""
    return Path(os.environ.get(VARIABLE) or Path.home() / ".cache")


def is_writable(folder: Path) -> bool:
    """Return whether files can be made in a folder; it is made where it can be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


def with_cache(environment: Mapping[str, str], instead: Path) -> dict[str, str]:
    """Return the environment of a process, with caches in ``instead`` where the user's cannot be written."""
    if is_writable(user_cache()):
        return dict(environment)
    return {**environment, VARIABLE: str(instead)}
