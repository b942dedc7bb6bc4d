"""Pooled vectors of the frozen backbone for every image of a split, to HDF5."""

from pathlib import Path

from fact.backbones.weights import load_backbone
from fact.data.image_reader import ImageReader, split_rows
from fact.data.manifest import read_manifest
from fact.features.dump import dump_features
from fact.infra.files.record import read_record
from fact.infra.process.job import start_job

device = start_job(snakemake.log[0], snakemake.params.code, threads=snakemake.threads, gpu=True)
settings, names = snakemake.params.settings, snakemake.params.names
backbone, spec = load_backbone(Path(snakemake.input.weights).parent)
rows = split_rows(read_manifest(snakemake.input.manifest), names["split"])
reader = ImageReader(read_record(snakemake.input.source), settings, spec, snakemake.threads)
dump_features(
    Path(snakemake.output.features),
    backbone,
    reader.batches(rows, settings["batch_size"], f"{names['split']} features"),
    rows,
    spec,
    settings,
    device,
    attributes={
        "dataset": names["dataset"],
        "split": names["split"],
        "backbone": names["backbone"],
        "code_version": snakemake.params.code,
    },
    tokens=False,
)
