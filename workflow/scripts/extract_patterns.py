"""Semantic patterns of every pool image, to HDF5: the tokens of a features file, in a row."""

from pathlib import Path

from fact.backbones.patterns import PatternBackbone
from fact.backbones.weights import load_backbone
from fact.data.image_reader import ImageReader, split_rows
from fact.data.manifest import read_manifest
from fact.features.dump import dump_features
from fact.infra.files.record import read_record
from fact.infra.process.job import start_job

device = start_job(snakemake.log[0], snakemake.params.code, threads=snakemake.threads, gpu=True)
settings, wildcards = snakemake.params.settings, snakemake.wildcards
backbone, spec = load_backbone(Path(snakemake.input.weights).parent)
rows = split_rows(read_manifest(snakemake.input.manifest), "pool")
reader = ImageReader(read_record(snakemake.input.source), settings, spec, snakemake.threads)
names = {"dataset": wildcards.dataset, "split": "pool", "backbone": wildcards.backbone}
dump_features(
    Path(snakemake.output.patterns),
    PatternBackbone(backbone, **settings["patterns"]),
    reader.batches(rows, settings["batch_size"], "patterns"),
    rows,
    spec,
    settings,
    device,
    attributes={**names, "code_version": snakemake.params.code, "provenance": settings["patterns"]},
    tokens=True,
)
