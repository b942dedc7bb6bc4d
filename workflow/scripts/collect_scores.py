"""Gather the score files of a table's cells into one frame."""

import sys
from pathlib import Path

from fact.collect import collect, write_scores

sys.stderr = open(snakemake.log[0], "w", buffering=1)  # noqa: SIM115

write_scores(Path(snakemake.output.scores), collect(snakemake.params.cells))
