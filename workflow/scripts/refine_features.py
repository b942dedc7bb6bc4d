"""Extract pooled vectors and tokens of a tuned backbone, for its own labelled images and the test images."""

from pathlib import Path

from fact.data.classes import read_classes
from fact.data.image_reader import split_rows
from fact.data.labelled_rows import labelled_rows, read_class_labels
from fact.data.manifest import read_manifest
from fact.features.dump import read_extraction
from fact.infra.files.record import publish_record
from fact.infra.process.clock import Clock
from fact.infra.process.job import start_job
from fact.infra.process.timing import timing_record
from fact.tasks.classification.refined import read_refinement

device = start_job(snakemake.log[0], snakemake.params.code, threads=snakemake.threads, gpu=True)
settings, cell, files = read_extraction(snakemake.params.settings), snakemake.wildcards, snakemake.input
manifest, classes, clock = read_manifest(files.manifest), read_classes(files.classes), Clock()
rows = {"labelled": labelled_rows(manifest, Path(files.selection), read_class_labels(files.labels, classes))}
if "test" in snakemake.output.keys():  # noqa: SIM118 - a list with names, not a mapping
    rows["test"] = split_rows(manifest, "test")
refinement = read_refinement(files, settings, device, workers=snakemake.threads)
attributes = {"dataset": cell.dataset, "backbone": cell.backbone, "provenance": dict(cell.items())}
for split, own in rows.items():
    with clock.time(split):
        named = {**attributes, "split": split, "code_version": snakemake.params.code}
        refinement.dump(Path(snakemake.output[split]), own, named)
publish_record(snakemake.output.timing, timing_record(clock.seconds()))
