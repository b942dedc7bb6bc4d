"""Phase 1: a linear probe on frozen features of the labelled images."""

from pathlib import Path

import torch
from fact.data.classes import read_classes
from fact.data.grouping import group_numbers
from fact.data.labelled_rows import check_test, read_class_labels
from fact.features.checks import check_same_precision
from fact.features.labelled import labelled_features
from fact.features.store import read_features
from fact.infra.process.job import start_job
from fact.seeds import derive_seed
from fact.tasks.classification.score import classification_metrics
from fact.tasks.publish import Outcome, publish_outcome
from fact.training.heads.saving import save_head
from fact.training.probes import read_probe

asked = bool(snakemake.resources.get("gpu", 0))  # a job that asked for no GPU leaves them to those that did
device = start_job(snakemake.log[0], snakemake.params.code, threads=snakemake.threads, gpu=asked)
cell, settings, files = snakemake.wildcards, snakemake.params.settings, snakemake.input
pool, test = (read_features(files[split], expect={"backbone": cell.backbone}) for split in ("pool", "test"))
check_same_precision(pool.attributes, test.attributes)
check_test(test.labels, files.test)
classes = read_classes(files.classes)
labels = read_class_labels(files.labels, classes)
features, targets, ids = labelled_features(pool, Path(files.selection), labels)
vectors = [torch.from_numpy(array).to(device) for array in (features, targets)]
seed = derive_seed("probe", *cell)
groups = group_numbers(ids, files.groups)
head, seconds, report = read_probe(settings).fit(
    *vectors, ids, num_classes=len(classes), seed=seed, groups=groups
)
save_head(Path(snakemake.output.head), head)
metrics = classification_metrics(head.logits(torch.from_numpy(test.features)).numpy(), test.labels)
outcome = Outcome(metrics=metrics, test_images=len(test.labels), seconds=seconds, **report)
publish_outcome(snakemake.output, outcome, {**dict(cell.items()), **settings}, code=snakemake.params.code)
