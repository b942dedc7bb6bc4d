"""Pretrain a small backbone on an unlabelled pool."""

from pathlib import Path

from fact.backbones.pretraining import pretrain_declared
from fact.backbones.weights import write_backbone
from fact.data.image_reader import ImageReader, split_rows
from fact.data.manifest import read_manifest
from fact.device import use_threads
from fact.infra.files.record import read_record
from fact.infra.process.gpus import use_own_gpu
from fact.infra.process.job import begin

begin(snakemake.log[0], snakemake.params.code)
use_own_gpu()

settings = snakemake.params.settings
device = use_threads(snakemake.threads)
reader = ImageReader(
    read_record(snakemake.input.source), settings["reading"], settings["declared"], snakemake.threads
)
images = reader.read(split_rows(read_manifest(snakemake.input.manifest), "pool"))
model, spec = pretrain_declared(settings["declared"], images, device)
write_backbone(Path(snakemake.output.weights).parent, model, spec)
