"""How a job of the workflow begins: its messages go to its log, and its code must be the run's."""

import json
import sys
from pathlib import Path

from fact.infra.files.publish import publish_text
from fact.infra.process.code_version import code_version
from fact.infra.process.printable import PrintableLog

RUN_CODE = Path("results/.run-code.json")


def begin(log: str, code: str, run_code: Path = RUN_CODE) -> None:
    """Send stderr to ``log`` and check that the code of this stage is what the run has planned with.

    ``code`` is the stage's version among the job's parameters. Editing code under a live run would otherwise
    file results of the new code under the old one's version.
    Raises RuntimeError when the code was edited since the run began, or this node sees another checkout.
    """
    # open to the process's end; names of files must not steer the terminal of who reads the log
    sys.stderr = PrintableLog(open(log, "wb"), "utf-8", "backslashreplace", line_buffering=True)  # noqa: SIM115
    if not run_code.is_file():
        return
    stages = json.loads(run_code.read_text("utf-8"))
    script, modules = stages.get(code, (None, []))
    now = code_version(*modules, script=Path(script)) if script else "another"
    if now != code:
        raise RuntimeError(
            f"the code of this stage is not what the run began with ({now} against {code}): it was edited "
            "meanwhile, or this node sees another checkout. Start the run again"
        )


def write_run_code(stages: dict[str, tuple[str, list[str]]], run_code: Path = RUN_CODE) -> None:
    """Publish the versions a run has planned with: version to script and modules."""
    publish_text(run_code, json.dumps(stages, indent=1, sort_keys=True) + "\n")
