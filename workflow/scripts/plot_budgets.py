"""Accuracy over budget, one line per method."""

from pathlib import Path

from fact.config.tables import TableSpec
from fact.infra.process.job import start_job
from fact.report.figures.budgets import plot_budgets
from fact.report.tables.collect import read_scores

start_job(snakemake.log[0], snakemake.params.code)
scores = read_scores(snakemake.input.scores)
spec = TableSpec.from_plain(snakemake.params.settings)
plot_budgets(scores, spec, [Path(snakemake.output[name]) for name in ("pdf", "svg", "png")])
