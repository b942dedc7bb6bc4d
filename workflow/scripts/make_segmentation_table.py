"""A table of segmentations beside the published values, as CSV, Markdown and LaTeX."""

from fact.infra.files.publish import publish_text
from fact.infra.process.job import start_job
from fact.report.tables.printed import to_csv, to_latex, to_markdown
from fact.report.tables.published import read_published
from fact.tasks.segmentation.table import build_cells, collect, columns_by_metric

start_job(snakemake.log[0], snakemake.params.code)
spec = snakemake.params.settings
cells = build_cells(collect(snakemake.params.cells), spec, read_published(snakemake.input.published))
printed = columns_by_metric(cells)
publish_text(snakemake.output.csv, to_csv(cells))
publish_text(snakemake.output.md, to_markdown(printed, spec))
publish_text(snakemake.output.tex, to_latex(printed, spec))
