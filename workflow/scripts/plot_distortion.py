"""Feature distortion of every recipe over the budget, as a table and a figure."""

from pathlib import Path

from fact.infra.files.record import read_record
from fact.infra.process.job import start_job
from fact.report.figures.distortion import plot_distortion
from fact.report.tables.distortion import distortion_rows, read_distortion, write_distortion

start_job(snakemake.log[0], snakemake.params.code)
cells = snakemake.params.cells
rows = [row for cell in cells for row in distortion_rows(cell, read_record(cell["path"]))]
write_distortion(snakemake.output.csv, rows)
measured = read_distortion(snakemake.output.csv)
plot_distortion(measured, [Path(snakemake.output[name]) for name in ("pdf", "svg", "png")])
