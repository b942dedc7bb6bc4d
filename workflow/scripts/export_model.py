"""The model for other runtimes."""

from pathlib import Path

from fact.infra.files.record import publish_record
from fact.infra.process.job import start_job
from fact.model.exports import export_all
from fact.model.folder import read_model

start_job(snakemake.log[0], snakemake.params.code)
folder = Path(snakemake.input.config).parent
publish_record(snakemake.output.exports, export_all(folder, *read_model(folder)))
