"""Import the large packages of most jobs, in the process that is forked for each of them.

`workflow/warm_snakemake.py` starts that process. It imports on one thread, so that it can be forked. Where a
package is missing, no job needs it or the job says so. `PRELOAD` names more of them, with commas between.
"""

import gc
import os
from contextlib import suppress
from importlib import import_module

from fact.infra.process.heavy_imports import collector_rests

MOST_JOBS = (
    "torch",
    "timm",
    "h5py",
    "pandas",
    "pyarrow.parquet",
    "safetensors.torch",
    "numba",
    "scipy.optimize",
)


def import_large_packages(more: str = "") -> None:
    """Import what most jobs need, and ``more``, names with commas between them."""
    with collector_rests():
        for name in (*MOST_JOBS, *filter(None, more.split(","))):
            with suppress(ImportError):
                import_module(name)
    # forks share these objects, for as long as no collection writes to them
    gc.freeze()


import_large_packages(os.environ.get("PRELOAD", ""))
