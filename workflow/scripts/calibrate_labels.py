"""Pseudo-labels for pool images near the labelled ones, from frozen features and the labels alone."""

import importlib
from pathlib import Path

from fact.data.classes import read_classes
from fact.data.labelled_rows import read_class_labels
from fact.features.labelled import labelled_features, positions
from fact.features.store import read_features
from fact.infra.process.job import start_job
from fact.seeds import derive_seed
from fact.selection.pseudo_labels_file import write_pseudo_labels

asked = bool(snakemake.resources.get("gpu", 0))  # a job that asked for no GPU leaves them to those that did
start_job(snakemake.log[0], snakemake.params.code, threads=snakemake.threads, gpu=asked)
names, settings = snakemake.wildcards, snakemake.params.settings
pool = read_features(snakemake.input.pool, expect={"backbone": names.backbone, "split": "pool"})
selection = Path(snakemake.input.selection)
classes = read_classes(snakemake.input.classes)
label_of = read_class_labels(snakemake.input.labels, classes)
_, labels, sample_ids = labelled_features(pool, selection, label_of)
calibrate = importlib.import_module(f"fact.selection.calibrations.{settings['module']}").calibrate
result = calibrate(
    pool.features,
    positions(pool, sample_ids, selection),
    labels,
    num_classes=len(classes),
    seed=derive_seed("calibrate", *names),
    **settings["params"],
)
metadata = {**dict(names.items()), **settings, "code_version": snakemake.params.code}
write_pseudo_labels(Path(snakemake.output.pseudo), result, pool.sample_ids, metadata=metadata)
