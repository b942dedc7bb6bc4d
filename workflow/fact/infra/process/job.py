"""Start a job of the workflow: its messages go to its log, and its code must be the run's."""

import json
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from fact.infra.errors import BUG, MachineError, is_users, one_line
from fact.infra.files.publish import publish_text
from fact.infra.process.allocator import keep_freed_memory
from fact.infra.process.driver import driver_version, needed_driver
from fact.infra.process.gpus import has_idle_gpu, hide_gpus, use_own_gpu
from fact.infra.process.printable import PrintableLog
from fact.infra.process.stage_version import Stage, stage_version

if TYPE_CHECKING:
    import torch

RUN_CODE = Path("results/.run-code.json")


def start_job(
    log: str, code: str, *, threads: int | None = None, gpu: bool | None = None, run_code: Path = RUN_CODE
) -> "torch.device | None":
    """Send stderr to ``log``, check the code of this stage, and return the device to compute on.

    ``code`` is the stage's version among the job's parameters. With ``gpu`` the job sees one GPU only, its
    own; where it is False, none, and where it is None, what there is. ``threads`` are those of torch; without
    them torch is not imported and the device is None.
    Raises MachineError when the code was edited since the run began, or this node sees another checkout.
    """
    # open to the process's end; names of files must not control the terminal that shows the log
    sys.stderr = PrintableLog(open(log, "wb"), "utf-8", "backslashreplace", line_buffering=True)  # noqa: SIM115
    sys.excepthook = log_error
    check_code(code, run_code)
    if gpu:
        use_own_gpu()
    elif gpu is False:
        hide_gpus()
    if threads is None:
        return None
    keep_freed_memory()
    from fact.device import use_threads

    device = use_threads(threads)
    if gpu and device.type == "cpu":
        refuse_idle_gpu()
    return device


def refuse_idle_gpu() -> None:
    """Raise MachineError where torch does not see a GPU that is there: on the CPU a job may take a day."""
    if has_idle_gpu():
        import torch

        build = f"built for CUDA {torch.version.cuda}" if torch.version.cuda else "a build for the CPU"
        driver, needed = driver_version() or "unknown", needed_driver(torch.version.cuda)
        asked = f", which needs {needed} or newer" if needed else ""
        raise MachineError(
            f"torch {torch.__version__}, {build}{asked}, does not see the GPU of this machine, driver "
            f"{driver}; install a build for it (make clean-venv install TORCH=cuda), or set "
            "CUDA_VISIBLE_DEVICES= to compute on the CPU"
        )


def log_error(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Write an error that the user can mend as one line, any other one with its traceback."""
    if is_users(error):
        print(f"error: {one_line(error)}", file=sys.stderr)
        return
    traceback.print_exception(kind, error, trace, file=sys.stderr)
    if isinstance(error, Exception):
        print(BUG, file=sys.stderr)


def check_code(code: str, run_code: Path = RUN_CODE) -> None:
    """Raise MachineError unless a stage's code is what the run has planned with.

    Editing code under a live run would otherwise file results of the new code under the old one's version.
    """
    if not run_code.is_file():
        return
    planned = json.loads(run_code.read_text("utf-8"))["stages"].get(code)
    now = stage_version(Stage(**planned)) if planned else "another"
    if now != code:
        raise MachineError(
            f"the code of this stage is not what the run began with ({now} against {code}): it was edited "
            "meanwhile, or this node sees another checkout or other libraries. Start the run again"
        )


def write_run_code(
    stages: Mapping[str, Stage], run_code: Path = RUN_CODE, *, command: str | None = None
) -> None:
    """Publish the versions a run has planned with: version to what makes it; and the run's command line."""
    content = {"command": command, "stages": {code: stage._asdict() for code, stage in stages.items()}}
    publish_text(run_code, json.dumps(content, indent=1, sort_keys=True) + "\n")
