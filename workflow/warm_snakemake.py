"""Run Snakemake with jobs that are forks of one process, which has imported the large packages already.

    python workflow/warm_snakemake.py --cores 2 table1

A job of the plain command imports torch and timm for four seconds, and a small one computes for less. Here,
too, each job is a process of its own that imports FACT itself, and writes the same bytes. Jobs in containers,
in other environments and on clusters start as ever. `fact run` uses it; `PRELOAD` names more packages, and
`--warm-up` among the arguments imports them while Snakemake plans.
"""

import os
import runpy
import signal
import sys
from collections.abc import Callable
from multiprocessing import forkserver, get_context
from multiprocessing.connection import wait
from pathlib import Path
from subprocess import CalledProcessError
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from snakemake.script import PythonScript

Execute = Callable[["PythonScript", str, bool], None]
CONTEXT = get_context("forkserver")
PRELOADED = "fact.infra.process.preloaded"
WARM_UP = "--warm-up"
# Snakemake sets them for the jobs that it starts
THREADS = ("OMP_NUM_THREADS", "GOTO_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
# processes are started and ended by several threads of Snakemake, which multiprocessing does not expect
ONE_AT_A_TIME = Lock()
INTERRUPTED = 128 + signal.SIGINT


def run_script(path: str, threads: int) -> None:
    """Run a job's script as its own main program; an error ends the process as it would there."""
    sys.argv = [path]
    limit_threads(threads)
    try:
        runpy.run_path(path, run_name="__main__")
    except (Exception, KeyboardInterrupt) as error:
        sys.excepthook(*sys.exc_info())
        sys.exit(INTERRUPTED if isinstance(error, KeyboardInterrupt) else 1)


def limit_threads(threads: int) -> None:
    """Give libraries that are imported already as many threads as those that read the environment."""
    import torch
    from threadpoolctl import threadpool_limits

    os.environ.update(dict.fromkeys(THREADS, str(threads)))
    threadpool_limits(threads)
    torch.set_num_threads(threads)


def forked(plain: Execute) -> Execute:
    """Return what takes the place of Snakemake's ``PythonScript.execute_script``, which starts a Python."""

    def execute_script(script: "PythonScript", path: str, edit: bool = False) -> None:
        if script.container_img or script.conda_env or script.env_modules:
            return plain(script, path, edit)
        with ONE_AT_A_TIME:
            process = CONTEXT.Process(target=run_script, args=(path, script.threads))
            process.start()
        wait([process.sentinel])
        with ONE_AT_A_TIME:
            process.join()
        if process.exitcode:
            raise CalledProcessError(process.exitcode, path)

    return execute_script


def main() -> None:
    CONTEXT.set_forkserver_preload([PRELOADED])
    if WARM_UP in sys.argv:
        sys.argv.remove(WARM_UP)
        forkserver.ensure_running()
    import snakemake.cli
    from snakemake.script import PythonScript

    # provenance names the command that makes the same files anywhere
    sys.argv[0] = str(Path(snakemake.cli.__file__).with_name("__main__.py"))
    PythonScript.execute_script = forked(PythonScript.execute_script)
    snakemake.cli.main()


if __name__ == "__main__":
    main()
