"""Extract pooled vectors and tokens of a tuned backbone, for its own labelled images and the test images."""

from pathlib import Path

from fact.backbones.state_dict import file_sha256
from fact.data.classes import read_classes
from fact.data.image_reader import ImageReader, split_rows
from fact.data.labelled_rows import labelled_rows, read_class_labels
from fact.data.manifest import read_manifest
from fact.features.dump import Extractor, dump_features, read_extraction
from fact.infra.files.record import publish_record, read_record
from fact.infra.process.clock import Clock
from fact.infra.process.job import start_job
from fact.infra.process.timing import timing_record
from fact.training.checkpoint import load_checkpoint

device = start_job(snakemake.log[0], snakemake.params.code, threads=snakemake.threads, gpu=True)
settings, cell, files = read_extraction(snakemake.params.settings), snakemake.wildcards, snakemake.input
classifier, spec = load_checkpoint(Path(files.checkpoint), Path(files.weights).parent)
manifest, classes, clock = read_manifest(files.manifest), read_classes(files.classes), Clock()
labelled = labelled_rows(manifest, Path(files.selection), read_class_labels(files.labels, classes))
reader = ImageReader(read_record(files.source), settings.reading, spec, workers=snakemake.threads)
made_by = {**dict(cell.items()), "checkpoint_sha256": file_sha256(Path(files.checkpoint))}
attributes = {"dataset": cell.dataset, "backbone": cell.backbone, "provenance": made_by}
for split, rows in {"labelled": labelled, "test": split_rows(manifest, "test")}.items():
    with clock.time(split):
        dump_features(
            Path(snakemake.output[split]),
            Extractor(classifier.backbone, spec, settings, device=device, tokens=True),
            batches=reader.batches(rows, settings.batch_size, f"{split} features"),
            rows=rows,
            attributes={**attributes, "split": split, "code_version": snakemake.params.code},
        )
publish_record(snakemake.output.timing, timing_record(clock.seconds()))
