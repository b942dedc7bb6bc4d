"""Phase 2: finetune the backbone on the labelled images and score it on the test images."""

from pathlib import Path

from fact.backbones.spec import read_spec
from fact.data.classes import read_classes
from fact.data.image_reader import ImageReader, labels_of, read_reading, split_rows
from fact.data.labelled_rows import check_test, labelled_rows, read_class_labels
from fact.data.manifest import read_manifest
from fact.infra.files.record import read_record
from fact.infra.process.job import start_job
from fact.seeds import derive_seed
from fact.selection.pseudo_labels_file import with_pseudo_labels
from fact.tasks.classification.scored_images import open_scored_images
from fact.tasks.classification.second_round import shortened
from fact.tasks.classification.tune import TuningImages, read_tuning, tune_and_evaluate
from fact.tasks.publish import publish_outcome
from fact.training.checkpoint import save_checkpoint
from fact.training.computing import resumable
from fact.training.heads.saving import load_head
from fact.training.recipe import Start

device = start_job(snakemake.log[0], snakemake.params.code, threads=snakemake.threads, gpu=True)
settings, cell, files = snakemake.params.settings, snakemake.wildcards, snakemake.input
code, spec = snakemake.params.code, read_spec(Path(files.weights).parent)
manifest, classes = read_manifest(files.manifest), read_classes(files.classes)
labelled = labelled_rows(manifest, Path(files.selection), read_class_labels(files.labels, classes))
chosen = len(labelled)
test = split_rows(manifest, "test")
check_test(labels_of(test), files.manifest)
for pseudo in files.pseudo:
    labelled = with_pseudo_labels(labelled, manifest, Path(pseudo))
settings = shortened(settings, chosen, len(labelled))
tuning = read_tuning(settings)
source, reading = read_record(files.source), read_reading(settings["reading"])
reader = ImageReader(source, reading, spec, workers=snakemake.threads)
tested = open_scored_images(
    reader,
    test,
    spec,
    transform=tuning.evaluation.transform,
    decoded=Path(files.decoded[0]) if files.decoded else None,
)
images = TuningImages(labelled, tested, num_classes=len(classes))
start = Start(Path(files.weights).parent, load_head(Path(files.start[0])).tensors if files.start else None)
with resumable(device, derive_seed("tune", *cell), snakemake.params.resume, code=code) as computing:
    model, outcome = tune_and_evaluate(start, images, tuning, computing=computing)
metadata = {**dict(cell.items()), "num_classes": len(classes), "weights_sha256": spec.weights_sha256}
tensors = tuning.recipe.tuner.trained_tensors(model)
save_checkpoint(Path(snakemake.output.checkpoint), tensors, settings["training"], metadata=metadata)
publish_outcome(snakemake.output, outcome, {**metadata, **settings["training"]}, code=code)
computing.resume.discard()
