"""Pretrain a small backbone on an unlabelled pool."""

from pathlib import Path

from fact.backbones.pretrain import pretrain_declared
from fact.backbones.spec import read_declared
from fact.backbones.weights import write_backbone
from fact.data.image_reader import ImageReader, read_reading, split_rows
from fact.data.manifest import read_manifest
from fact.infra.files.record import read_record
from fact.infra.process.job import start_job
from fact.infra.process.made_by import publish_made_by

device = start_job(snakemake.log[0], snakemake.params.code, threads=snakemake.threads, gpu=True)
settings = snakemake.params.settings
declared = read_declared(settings["declared"]["name"], settings["declared"])
reading, source = read_reading(settings["reading"]), read_record(snakemake.input.source)
images = ImageReader(source, reading, declared, workers=snakemake.threads).read(
    split_rows(read_manifest(snakemake.input.manifest), "pool")
)
model, spec = pretrain_declared(declared, images, device)
write_backbone(Path(snakemake.output.weights).parent, model, spec)
publish_made_by(snakemake.output.made_by)
