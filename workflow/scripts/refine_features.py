"""Pooled vectors and patch tokens of a tuned backbone, for its own labelled images and the test images."""

from pathlib import Path

from fact.backbones.state_dict import file_sha256
from fact.data.classes import read_classes
from fact.data.image_reader import ImageReader, split_rows
from fact.data.labelled_rows import labelled_rows, read_class_labels
from fact.data.manifest import read_manifest
from fact.features.dump import dump_features
from fact.infra.files.record import publish_record, read_record
from fact.infra.process.clock import Clock
from fact.infra.process.job import start_job
from fact.infra.process.timing import timing_record
from fact.training.checkpoint import load_checkpoint

device = start_job(snakemake.log[0], snakemake.params.code, threads=snakemake.threads, gpu=True)
settings, names, checkpoint = snakemake.params.settings, snakemake.wildcards, Path(snakemake.input.checkpoint)
classifier, spec = load_checkpoint(checkpoint, Path(snakemake.input.weights).parent)
manifest = read_manifest(snakemake.input.manifest)
label_of = read_class_labels(snakemake.input.labels, read_classes(snakemake.input.classes))
reader = ImageReader(read_record(snakemake.input.source), settings, spec, snakemake.threads)
splits = {
    "labelled": labelled_rows(manifest, Path(snakemake.input.selection), label_of),
    "test": split_rows(manifest, "test"),
}
clock = Clock()
for split, rows in splits.items():
    with clock.time(split):
        dump_features(
            Path(snakemake.output[split]),
            classifier.backbone,
            reader.batches(rows, settings["batch_size"], f"{split} features"),
            rows,
            spec,
            settings,
            device,
            attributes={
                "dataset": names.dataset,
                "split": split,
                "backbone": names.backbone,
                "code_version": snakemake.params.code,
                "provenance": {**dict(names.items()), "checkpoint_sha256": file_sha256(checkpoint)},
            },
            tokens=True,
        )
publish_record(snakemake.output.timing, timing_record(clock.seconds()))
