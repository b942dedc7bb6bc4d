"""Decode the test images of a dataset once, as squares for one backbone, for all that scores on them."""

from pathlib import Path

from fact.backbones.spec import read_spec
from fact.data.image_reader import ImageReader, read_reading, split_rows
from fact.data.manifest import read_manifest
from fact.features.decoded_file import write_decoded
from fact.infra.files.record import read_record
from fact.infra.process.job import start_job

start_job(snakemake.log[0], snakemake.params.code)
files, reading = snakemake.input, read_reading(snakemake.params.settings)
spec, rows = read_spec(Path(files.spec).parent), split_rows(read_manifest(files.manifest), "test")
reader = ImageReader(read_record(files.source), reading, spec, workers=snakemake.threads)
batches = reader.batches(rows, 128, "test images")
write_decoded(Path(snakemake.output.decoded), batches, rows, spec=spec, transform=reading.transform)
