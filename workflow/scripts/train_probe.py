"""Phase 1: a linear probe on frozen features of the labelled images."""

from pathlib import Path

import torch
from fact.data.classes import read_classes
from fact.data.labelled_rows import check_test, read_class_labels
from fact.features.labelled import labelled_features
from fact.features.store import read_features
from fact.infra.files.record import publish_record
from fact.infra.process.job import start_job
from fact.infra.process.timing import timing_record
from fact.seeds import derive_seed
from fact.tasks.classification.score import score_record
from fact.training.heads.saving import save_head
from fact.training.probes import load_probe

start_job(snakemake.log[0], snakemake.params.code, threads=snakemake.threads)
names, settings = snakemake.wildcards, snakemake.params.settings
pool, test = (
    read_features(snakemake.input[split], expect={"backbone": names.backbone}) for split in ("pool", "test")
)
check_test(test.labels, snakemake.input.test)
classes = read_classes(snakemake.input.classes)
label_of = read_class_labels(snakemake.input.labels, classes)
features, labels, sample_ids = labelled_features(pool, Path(snakemake.input.selection), label_of)
head, seconds, report = load_probe(settings["kind"]).fit_probe(
    torch.from_numpy(features),
    torch.from_numpy(labels),
    sample_ids,
    len(classes),
    settings,
    derive_seed("probe", *names),
)
save_head(Path(snakemake.output.head), head)
setting = {**dict(names.items()), **settings, "code_version": snakemake.params.code}
logits = head.logits(torch.from_numpy(test.features)).numpy()
publish_record(snakemake.output.score, score_record(setting, logits, test.labels, **report))
publish_record(snakemake.output.timing, timing_record(seconds))
