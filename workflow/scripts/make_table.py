"""A table as Markdown, LaTeX and CSV; its rows compared."""

from fact.config.tables import TableSpec
from fact.infra.files.publish import publish_text
from fact.infra.process.job import start_job
from fact.report.tables.cells import build_cells
from fact.report.tables.collect import read_scores
from fact.report.tables.comparison import compare_rows, comparison_csv, comparison_markdown
from fact.report.tables.mixed import mixed_note
from fact.report.tables.printed import to_csv, to_latex, to_markdown
from fact.report.tables.published import read_published
from fact.report.tables.seconds import seconds_markdown

start_job(snakemake.log[0], snakemake.params.code)
spec = TableSpec.from_plain(snakemake.params.settings)
scores = read_scores(snakemake.input.scores)
cells = build_cells(scores, spec, read_published(snakemake.input.published))
compared = compare_rows(scores, spec)
mixed = mixed_note(scores)
blocks = [
    to_markdown(cells, spec, mixed),
    seconds_markdown(scores, spec),
    comparison_markdown(compared, spec),
]
publish_text(snakemake.output.csv, to_csv(cells))
publish_text(snakemake.output.comparison, comparison_csv(compared))
publish_text(snakemake.output.md, "\n".join(block for block in blocks if block))
publish_text(snakemake.output.tex, to_latex(cells, spec, mixed))
