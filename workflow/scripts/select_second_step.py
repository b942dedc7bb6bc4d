"""The rest of a two-step selection: after the first part, by what a probe on it says of the pool."""

from pathlib import Path

from fact.config.budget import budget_size
from fact.data.classes import read_classes
from fact.data.labelled_rows import read_class_labels
from fact.data.manifest import read_manifest
from fact.data.selection_file import read_selection
from fact.features.labelled import pool_labels, positions
from fact.features.store import read_features
from fact.infra.files.record import read_record
from fact.infra.process.clock import Clock
from fact.infra.process.job import start_job
from fact.seeds import derive_seed
from fact.selection.probabilities import of_head
from fact.selection.publish import publish_picks
from fact.selection.run_second_step import check_first_step, second_step
from fact.selection.settings import SelectorSettings
from fact.selection.texts.embeddings import read_embeddings
from fact.training.heads.saving import load_head

asked = bool(snakemake.resources.get("gpu", 0))  # a job that asked for no GPU leaves them to those that did
device = start_job(snakemake.log[0], snakemake.params.code, threads=snakemake.threads, gpu=asked)
settings, wildcards, files = snakemake.params.settings, snakemake.wildcards, snakemake.input
pool = read_features(files.features, expect={"backbone": wildcards.backbone, "split": "pool"})
budget = budget_size(wildcards.budget, len(pool.features))
seed = derive_seed("select", wildcards.dataset, wildcards.selector, budget, wildcards.seed)
first = read_selection(Path(files.first))
labelled = positions(pool, first, Path(files.first))
pool = pool._replace(labels=pool_labels(pool, read_class_labels(files.labels, read_classes(files.classes))))
record = read_record(Path(files.first).with_suffix(".json"))
check_first_step(record, pool.attributes)
already = record["already_labelled"]  # no part of the budget
texts = read_embeddings(Path(files.texts[0])) if files.texts else None
clock, own, left = Clock(), SelectorSettings.from_plain(settings), budget + already - len(labelled)
with clock.time("selection"):
    probabilities = of_head(load_head(files.probe), pool.features, device)
    picks = second_step(own, pool, probabilities, labelled=labelled, budget=left, seed=seed, texts=texts)
metadata = {name: wildcards[name] for name in ("budget", "selector", "seed")}
metadata |= {**settings, "code_version": snakemake.params.code, "already_labelled": already}
manifest, path, seconds = read_manifest(files.manifest), Path(snakemake.output.selection), clock.seconds()
publish_picks(path, pool, manifest, picks=picks, before=first, metadata=metadata, seconds=seconds)
