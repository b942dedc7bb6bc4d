"""Measure how far a checkpoint moves features, of its labelled images and of a sample of the others."""

from pathlib import Path

from fact.backbones.weights import load_backbone
from fact.data.classes import read_classes
from fact.data.image_reader import ImageReader, split_rows
from fact.data.labelled_rows import labelled_rows, read_class_labels
from fact.data.manifest import read_manifest
from fact.features.distortion import measure, sample_images
from fact.features.dump import read_extraction
from fact.infra.files.record import publish_record, read_record
from fact.infra.process.job import start_job
from fact.training.checkpoint import load_checkpoint

device = start_job(snakemake.log[0], snakemake.params.code, threads=snakemake.threads, gpu=True)
settings, files = read_extraction(snakemake.params.settings), snakemake.input
weights = Path(files.weights).parent
classifier, spec = load_checkpoint(Path(files.checkpoint), weights)
frozen, _ = load_backbone(weights)
manifest, classes = read_manifest(files.manifest), read_classes(files.classes)
labelled = labelled_rows(manifest, Path(files.selection), read_class_labels(files.labels, classes))
reader = ImageReader(read_record(files.source), settings.reading, spec, workers=snakemake.threads)
measured = {"code_version": snakemake.params.code}
samples = sample_images(split_rows(manifest, "pool"), set(labelled["sample_id"]), snakemake.wildcards.dataset)
for images, rows in samples.items():
    batches = reader.batches(rows, settings.batch_size, f"{images} images")
    measured[images] = measure(
        frozen, classifier.backbone, batches, spec=spec, device=device, precision=settings.precision
    )
publish_record(snakemake.output.distortion, measured)
