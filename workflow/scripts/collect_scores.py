"""Gather the score files of a table's cells into one frame."""

from pathlib import Path

from fact.infra.process.job import start_job
from fact.report.tables.collect import collect, write_scores

start_job(snakemake.log[0], snakemake.params.code)
write_scores(Path(snakemake.output.scores), collect(snakemake.params.cells))
