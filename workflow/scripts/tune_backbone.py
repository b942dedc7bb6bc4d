"""Phase 2: finetune the backbone on the labelled images and score it on the test images."""

from pathlib import Path

from fact.backbones.weights import read_spec
from fact.data.classes import read_classes
from fact.data.image_reader import ImageReader, labels_of, split_rows
from fact.data.labelled_rows import check_test, labelled_rows, read_class_labels
from fact.data.manifest import read_manifest
from fact.infra.files.record import publish_record, read_record
from fact.infra.process.job import start_job
from fact.infra.process.timing import timing_record
from fact.seeds import derive_seed
from fact.selection.pseudo_labels_file import with_pseudo_labels
from fact.tasks.classification.score import score_record
from fact.tasks.classification.tune import tune_and_evaluate
from fact.training.checkpoint import save_checkpoint
from fact.training.heads.saving import load_head
from fact.training.interrupt import stop_signals
from fact.training.resume import ResumePlan

device = start_job(snakemake.log[0], snakemake.params.code, threads=snakemake.threads, gpu=True)
settings, names, weights = (
    snakemake.params.settings,
    snakemake.wildcards,
    Path(snakemake.input.weights).parent,
)
spec = read_spec(weights)
manifest, classes = read_manifest(snakemake.input.manifest), read_classes(snakemake.input.classes)
label_of = read_class_labels(snakemake.input.labels, classes)
labelled = labelled_rows(manifest, Path(snakemake.input.selection), label_of)
test = split_rows(manifest, "test")
check_test(labels_of(test), snakemake.input.manifest)
for pseudo in snakemake.input.pseudo:
    labelled = with_pseudo_labels(labelled, manifest, Path(pseudo))
start = load_head(Path(snakemake.input.start[0])).tensors if snakemake.input.start else None
resume = snakemake.params.resume
with stop_signals() as stop:
    plan = ResumePlan(Path(resume["path"]), resume["every"], stop, snakemake.params.code)
    model, logits, seconds, report = tune_and_evaluate(
        weights,
        ImageReader(read_record(snakemake.input.source), settings["reading"], spec, snakemake.threads),
        labelled,
        test,
        len(classes),
        settings,
        derive_seed("tune", *names),
        start,
        device,
        plan,
    )
about = {**dict(names.items()), "num_classes": len(classes), "weights_sha256": spec["weights_sha256"]}
save_checkpoint(Path(snakemake.output.checkpoint), model, settings["training"], about)
setting = {**about, **settings["training"], "code_version": snakemake.params.code}
publish_record(snakemake.output.score, score_record(setting, logits, labels_of(test), **report))
publish_record(snakemake.output.timing, timing_record(seconds))
plan.discard()
