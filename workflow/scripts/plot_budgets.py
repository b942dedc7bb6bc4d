"""Accuracy over budget, a line a method."""

import sys
from pathlib import Path

from fact.collect import read_scores
from fact.figures import plot_budgets

sys.stderr = open(snakemake.log[0], "w", buffering=1)  # noqa: SIM115

scores = read_scores(snakemake.input.scores)
plot_budgets(scores, [Path(snakemake.output.pdf), Path(snakemake.output.png)])
