"""Selectors side by side, as CSV, Markdown and LaTeX."""

from fact.infra.files.publish import publish_text
from fact.infra.files.record import read_record
from fact.infra.process.job import start_job
from fact.report.tables.selectors import build_selector_table, to_csv, to_latex, to_markdown

start_job(snakemake.log[0], snakemake.params.code)
rows = []
for cell in snakemake.params.cells:
    measures, timing = read_record(cell["measures"]), read_record(cell["timing"])
    cost = {"seconds": timing["seconds"]["selection"], "peak_memory_mb": timing["peak_memory_mb"]["cpu"]}
    rows.append({**cell, **measures, **cost})
table = build_selector_table(rows, snakemake.params.oracles)
publish_text(snakemake.output.csv, to_csv(table))
publish_text(snakemake.output.md, to_markdown(table))
publish_text(snakemake.output.tex, to_latex(table))
