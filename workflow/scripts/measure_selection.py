"""What picks are worth as a picture of their pool, from features alone."""

from pathlib import Path

from fact.data.selection_file import read_selection
from fact.features.labelled import positions
from fact.features.store import read_features
from fact.infra.files.record import publish_record
from fact.infra.process.job import start_job
from fact.selection.beside import beside_by_name
from fact.selection.measures import measure_selection

start_job(snakemake.log[0], snakemake.params.code, threads=snakemake.threads)
pool = read_features(snakemake.input.features, expect={"split": "pool"})
selection = Path(snakemake.input.selection)
measures = measure_selection(pool.features, positions(pool, read_selection(selection), selection))
beside = beside_by_name(pool.features, pool.sample_ids)
record = {**measures, "beside": beside._asdict(), "code_version": snakemake.params.code}
publish_record(snakemake.output.measures, record)
