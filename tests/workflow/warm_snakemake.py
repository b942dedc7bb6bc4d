"""Snakemake whose jobs are forks of one process that has imported the large packages already.

    python tests/workflow/warm_snakemake.py --cores 2 table1

A job of the real command imports torch and timm for two seconds, and computes for less in a small run. Here,
too, each job is a process of its own that imports FACT itself, and writes the same bytes. Kills, signals and
clusters are tested with the real command, and each stage that runs here runs with it in another test.
"""

import os
import runpy
import sys
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.connection import wait
from pathlib import Path
from subprocess import CalledProcessError
from threading import Lock

CONTEXT = get_context("forkserver")
LARGE_PACKAGES = (
    "h5py",
    "matplotlib.pyplot",
    "numba",
    "pandas",
    "peft",
    "pyarrow.parquet",
    "safetensors.torch",
    "scipy.optimize",
    "sklearn.cluster",
    "timm",
)
# processes are started and ended by several threads of Snakemake, which multiprocessing does not expect
ONE_AT_A_TIME = Lock()


def import_large_packages() -> None:
    """Import them on one thread, so that the process can be forked; before them FACT, for torchvision."""
    import_module("fact")
    for name in LARGE_PACKAGES:
        import_module(name)


def run_script(path: str) -> None:
    """Run a job's script as its own main program; an error ends the process as it would there."""
    sys.argv = [path]
    try:
        runpy.run_path(path, run_name="__main__")
    except Exception:
        sys.excepthook(*sys.exc_info())
        sys.exit(1)


def execute_script(_: object, path: str, edit: bool = False) -> None:
    """Stands in for Snakemake's method of this name, which starts another Python."""
    with ONE_AT_A_TIME:
        process = CONTEXT.Process(target=run_script, args=(path,))
        process.start()
    wait([process.sentinel])
    with ONE_AT_A_TIME:
        process.join()
    if process.exitcode:
        raise CalledProcessError(process.exitcode, path)


def main() -> None:
    import snakemake.cli
    from snakemake.script import PythonScript

    PythonScript.execute_script = execute_script
    # where the process that is forked finds this module
    places = (os.environ.get("PYTHONPATH"), str(Path(__file__).parent))
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, places))
    CONTEXT.set_forkserver_preload([Path(__file__).stem])
    snakemake.cli.main()


if __name__ == "__main__":
    main()
elif __name__ == Path(__file__).stem:
    import_large_packages()
