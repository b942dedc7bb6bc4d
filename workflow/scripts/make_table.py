"""A table as CSV, Markdown and LaTeX."""

from fact.collect import read_scores
from fact.job import begin
from fact.publish import publish_text
from fact.tables import build_table, to_csv, to_latex, to_markdown

begin(snakemake.log[0], snakemake.params.code)

settings = snakemake.params.settings
table = build_table(read_scores(snakemake.input.scores), settings)
publish_text(snakemake.output.csv, to_csv(table))
publish_text(snakemake.output.md, to_markdown(table, settings["title"]))
publish_text(snakemake.output.tex, to_latex(table, settings["title"]))
