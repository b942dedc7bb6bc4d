"""Extract semantic patterns of every pool image, to HDF5: the tokens of a features file, in a row."""

from pathlib import Path

from fact.backbones.patterns import PatternBackbone
from fact.backbones.weights import load_backbone
from fact.data.image_reader import ImageReader, split_rows
from fact.data.manifest import read_manifest
from fact.features.dump import Extractor, dump_features, read_extraction
from fact.features.pattern_file import KIND
from fact.infra.files.record import read_record
from fact.infra.process.job import start_job
from fact.infra.process.made_by import publish_made_by

device = start_job(snakemake.log[0], snakemake.params.code, threads=snakemake.threads, gpu=True)
settings, patterns = read_extraction(snakemake.params.settings), snakemake.params.settings["patterns"]
cell = {name: snakemake.wildcards[name] for name in ("dataset", "backbone")}
backbone, spec = load_backbone(Path(snakemake.input.weights).parent)
rows = split_rows(read_manifest(snakemake.input.manifest), "pool")
reader = ImageReader(read_record(snakemake.input.source), settings.reading, spec, workers=snakemake.threads)
attributes = {**cell, "kind": KIND, "split": "pool", "provenance": patterns}
dump_features(
    Path(snakemake.output.patterns),
    Extractor(PatternBackbone(backbone, **patterns), spec, settings, device=device, tokens=True),
    batches=reader.batches(rows, settings.batch_size, "patterns"),
    rows=rows,
    attributes={**attributes, "code_version": snakemake.params.code},
)
publish_made_by(snakemake.output.made_by)
