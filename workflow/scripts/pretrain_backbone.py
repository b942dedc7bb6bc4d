"""Pretrain a small backbone on an unlabelled pool."""

from pathlib import Path

from fact.backbones.pretraining import pretrain_declared
from fact.backbones.weights import write_backbone
from fact.data.image_reader import ImageReader, split_rows
from fact.data.manifest import read_manifest
from fact.infra.files.record import read_record
from fact.infra.process.job import start_job

device = start_job(snakemake.log[0], snakemake.params.code, threads=snakemake.threads, gpu=True)
settings = snakemake.params.settings
reader = ImageReader(
    read_record(snakemake.input.source), settings["reading"], settings["declared"], snakemake.threads
)
images = reader.read(split_rows(read_manifest(snakemake.input.manifest), "pool"))
model, spec = pretrain_declared(settings["declared"], images, device)
write_backbone(Path(snakemake.output.weights).parent, model, spec)
