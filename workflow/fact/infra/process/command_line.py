"""The command line that a file was made with: of a job that of its run, which the driver leaves for it."""

import json
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from fact.infra.process.job import RUN_CODE

# where Snakemake puts the script of a job before it runs it
SCRIPTS = (".snakemake", "scripts")


def command_line(arguments: Sequence[str] | None = None, run_code: Path = RUN_CODE) -> str | None:
    """Return the command that began this work, as one would type it.

    ``arguments``: those of the process, this one's by default. A job of the workflow names the command of its
    run, which :func:`fact.infra.process.job.write_run_code` has written. None where that is not known.
    """
    arguments = sys.argv if arguments is None else arguments
    if Path(arguments[0]).parts[-3:-1] != SCRIPTS:
        return as_typed(arguments)
    if not run_code.is_file():
        return None
    return json.loads(run_code.read_text("utf-8")).get("command")


def as_typed(arguments: Sequence[str]) -> str:
    """Return a process's arguments as a line for a shell, the program without its folder."""
    program = Path(arguments[0])
    name = ["python", "-m", program.parent.name] if program.name == "__main__.py" else [program.name]
    return shlex.join([*name, *arguments[1:]])
