"""The rest of a two-step selection: after the first part, by what a probe on it says of the pool."""

from pathlib import Path

import numpy as np
import torch
from fact.budget import budget_size
from fact.clock import Clock
from fact.data.classes import read_classes
from fact.data.manifest import read_manifest
from fact.device import use_threads
from fact.heads.saving import load_head
from fact.job import begin
from fact.labelled import pool_labels, positions, read_bought_labels
from fact.record import publish_record, read_record
from fact.second_selection import second_step
from fact.seeds import derive_seed
from fact.selection.listing import chosen_rows, read_selection, write_selection
from fact.store import read_features
from fact.texts.embeddings import read_embeddings
from fact.timing import timing_record

begin(snakemake.log[0], snakemake.params.code)

settings, wildcards, files = snakemake.params.settings, snakemake.wildcards, snakemake.input
use_threads(snakemake.threads)
pool = read_features(files.features, expect={"backbone": wildcards.backbone, "split": "pool"})
budget = budget_size(wildcards.budget, len(pool.features))
seed = derive_seed("select", wildcards.dataset, wildcards.selector, budget, wildcards.seed)
first = read_selection(Path(files.first))
bought = positions(pool, first, Path(files.first))
pool = pool._replace(labels=pool_labels(pool, read_bought_labels(files.labels, read_classes(files.classes))))
# images that were labelled before the run are no part of the budget
already = read_record(Path(files.first).with_suffix(".json"))["already_labelled"]
texts = read_embeddings(Path(files.texts[0])) if files.texts else None
clock = Clock()
with clock.time("selection"):
    probabilities = load_head(files.probe).logits(torch.from_numpy(pool.features)).softmax(1).numpy()
    found = second_step(settings, pool, probabilities, bought, budget + already - len(bought), seed, texts)
sample_ids = first + [pool.sample_ids[index] for index in found.indices]
rows = chosen_rows(read_manifest(files.manifest), sample_ids, Path(files.features))
about = {"features_sha256": pool.attributes["content_sha256"], "budget": wildcards.budget, **settings}
about |= {"selector": wildcards.selector, "seed": wildcards.seed, "code_version": snakemake.params.code}
about["already_labelled"] = already
scores = [*np.zeros(len(first)), *found.scores]
write_selection(Path(snakemake.output.selection), rows, scores, about)
publish_record(snakemake.output.timing, timing_record(clock.seconds()))
