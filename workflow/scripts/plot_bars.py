"""Accuracy as bars, a group for each budget."""

from pathlib import Path

from fact.bars import plot_bars
from fact.collect import read_scores
from fact.infra.process.job import begin

begin(snakemake.log[0], snakemake.params.code)

paths = [Path(snakemake.output.pdf), Path(snakemake.output.png)]
plot_bars(read_scores(snakemake.input.scores), snakemake.params.settings, paths)
