"""Run code in a process in which packages are not installed: none of an extra, or those named."""

import subprocess
import sys
from pathlib import Path

from fact.infra.extras import MODULES

HIDE = """
import sys
from importlib.machinery import PathFinder

class Hiding:
    def find_spec(name, path=None, target=None):
        return None if name.partition(".")[0] in {hidden!r} else PathFinder.find_spec(name, path, target)

sys.meta_path[sys.meta_path.index(PathFinder)] = Hiding
"""


def run_without(hidden: set[str], code: str, folder: Path) -> subprocess.CompletedProcess:
    """Run code in a folder, with these packages hidden from it."""
    whole = HIDE.format(hidden=sorted(hidden)) + code
    return subprocess.run([sys.executable, "-c", whole], cwd=folder, capture_output=True, text=True)


def fact_without_extras(folder: Path, *arguments: object) -> subprocess.CompletedProcess:
    """Run the command line as the base installation has it."""
    command = ["fact", *map(str, arguments)]
    code = f"sys.argv = {command!r}\nfrom fact.cli import app\napp(prog_name='fact')"
    return run_without(set(MODULES) | {"llvmlite"}, code, folder)
