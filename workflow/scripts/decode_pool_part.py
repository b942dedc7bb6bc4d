"""Decode the unlabelled images that phase 3 of a model looks at, as squares for its backbone."""

from pathlib import Path

from fact.backbones.spec import read_spec
from fact.data.image_reader import ImageReader, read_reading
from fact.data.labels_file import read_labels
from fact.data.manifest import read_manifest
from fact.infra.files.record import read_record
from fact.infra.process.job import start_job
from fact.model.pool_rows import drawn_unlabelled, write_drawn

start_job(snakemake.log[0], snakemake.params.code)
files, settings = snakemake.input, snakemake.params.settings
reading = read_reading(settings["reading"]).as_cut(settings["transform"])
spec = read_spec(Path(files.spec).parent)
rows = drawn_unlabelled(read_manifest(files.manifest), read_labels(Path(files.labels[0])), settings["images"])
reader = ImageReader(read_record(files.source), reading, spec, workers=snakemake.threads)
batches = reader.batches(rows, 128, "images of the pool")
write_drawn(Path(snakemake.output.images), batches, rows, spec=spec, transform=reading.transform)
