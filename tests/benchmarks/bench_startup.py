"""How long a job takes before it works, and the driver before it plans.

    python tests/benchmarks/bench_startup.py

Prints the median of five runs of: reading the Snakefile (listing its targets, less the import of Snakemake
itself), importing what a probe or head job needs, and importing what a training job needs.
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PROBE = (
    "fact.training.heads.converged, fact.training.heads.saving, fact.data.labelled_rows, "
    "fact.tasks.classification.score, fact.features.store, fact.data.classes"
)
HEAD = (
    "fact.tasks.classification.head, fact.training.heads.saving, fact.training.checkpoint, "
    "fact.features.store, fact.data.classes"
)
IMPORTS = {
    "a probe's job": f"import {PROBE}",
    "a head's job": f"import {HEAD}",
    "a training job (timm)": (
        "import fact.tasks.classification.tune; "
        "from fact.backbones.weights import create_architecture as create; create('vit_tiny_patch16_224', {})"
    ),
}


def timed(*command: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, *command], check=True, cwd=REPOSITORY, capture_output=True)
    return time.perf_counter() - start


def median(*command: str) -> float:
    return statistics.median(timed(*command) for _ in range(5))


def main() -> None:
    snakemake = median("-c", "import snakemake.cli, snakemake.workflow")
    listing = median("-m", "snakemake", "--list-target-rules")
    print(f"reading the Snakefile: {listing - snakemake:.2f} s")
    print(f"listing its targets {listing:.2f} s, of which Snakemake's own import {snakemake:.2f} s")
    for name, code in IMPORTS.items():
        print(f"{name}: {median('-c', code):.2f} s from process start")


if __name__ == "__main__":
    main()
