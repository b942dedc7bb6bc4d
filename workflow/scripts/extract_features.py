"""Extract pooled vectors of the frozen backbone for every image of a split, to HDF5."""

from pathlib import Path

from fact.backbones.weights import load_backbone
from fact.data.image_reader import ImageReader, split_rows
from fact.data.manifest import read_manifest
from fact.features.dump import Extractor, dump_features, read_extraction
from fact.infra.files.record import read_record
from fact.infra.process.job import start_job
from fact.infra.process.made_by import publish_made_by

device = start_job(snakemake.log[0], snakemake.params.code, threads=snakemake.threads, gpu=True)
settings, cell = read_extraction(snakemake.params.settings), snakemake.params.names
backbone, spec = load_backbone(Path(snakemake.input.weights).parent)
rows = split_rows(read_manifest(snakemake.input.manifest), cell["split"])
reader = ImageReader(read_record(snakemake.input.source), settings.reading, spec, workers=snakemake.threads)
dump_features(
    Path(snakemake.output.features),
    Extractor(backbone, spec, settings, device=device),
    batches=reader.batches(rows, settings.batch_size, f"{cell['split']} features"),
    rows=rows,
    attributes={**cell, "code_version": snakemake.params.code},
)
publish_made_by(snakemake.output.made_by)
