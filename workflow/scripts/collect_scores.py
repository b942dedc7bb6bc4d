"""Gather the score files of a table's cells into one frame."""

from pathlib import Path

from fact.collect import collect, write_scores
from fact.infra.process.job import begin

begin(snakemake.log[0], snakemake.params.code)

write_scores(Path(snakemake.output.scores), collect(snakemake.params.cells))
