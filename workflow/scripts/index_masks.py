"""Checksum and pixels by class of every mask of a data set."""

from pathlib import Path

from fact.data.classes import read_classes
from fact.data.contract import load_source
from fact.data.manifest import read_manifest
from fact.data.mask_index import index_masks, write_masks
from fact.infra.files.record import read_record
from fact.infra.process.job import start_job
from fact.infra.process.progress import log

start_job(snakemake.log[0], snakemake.params.code)
settings, files = snakemake.params.settings, snakemake.input
root = read_record(files.source)["root"]
classes, rows = read_classes(files.classes), read_manifest(files.manifest)
source = load_source(settings["source"])
masks = index_masks(
    source, Path(root), settings["options"], rows=rows, classes=len(classes), workers=snakemake.threads
)
write_masks(Path(snakemake.output.masks), masks)
log(f"{len(masks.sha256)} of {len(rows)} images have a mask")
