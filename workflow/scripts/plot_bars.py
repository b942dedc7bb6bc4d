"""Accuracy as bars, a group for each budget."""

from pathlib import Path

from fact.config.tables import TableSpec
from fact.infra.process.job import start_job
from fact.report.figures.bars import plot_bars
from fact.report.tables.collect import read_scores

start_job(snakemake.log[0], snakemake.params.code)
paths = [Path(snakemake.output[name]) for name in ("pdf", "svg", "png")]
spec = TableSpec.from_plain(snakemake.params.settings)
plot_bars(read_scores(snakemake.input.scores), spec, paths)
