"""A table as CSV, Markdown and LaTeX."""

import sys

from fact.collect import read_scores
from fact.publish import publish_text
from fact.tables import build_table, to_csv, to_latex, to_markdown

sys.stderr = open(snakemake.log[0], "w", buffering=1)  # noqa: SIM115

settings = snakemake.params.settings
table = build_table(read_scores(snakemake.input.scores), settings)
publish_text(snakemake.output.csv, to_csv(table))
publish_text(snakemake.output.md, to_markdown(table, settings["title"]))
publish_text(snakemake.output.tex, to_latex(table, settings["title"]))
