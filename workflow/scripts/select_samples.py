"""Choose which images of the pool to label, from their features alone."""

from pathlib import Path

import numpy as np
from fact.budget import budget_size
from fact.clock import Clock
from fact.data.manifest import read_manifest
from fact.device import use_threads
from fact.job import begin
from fact.labelled import positions
from fact.record import publish_record
from fact.seeds import derive_seed
from fact.selection.listing import chosen_rows, read_already_labelled, write_selection
from fact.selection.run import run_selector
from fact.store import read_features
from fact.timing import timing_record

begin(snakemake.log[0], snakemake.params.code)

settings, wildcards = snakemake.params.settings, snakemake.wildcards
use_threads(snakemake.threads)
stored = read_features(snakemake.input.features, expect={"backbone": wildcards.backbone, "split": "pool"})
budget = budget_size(wildcards.budget, len(stored.features))
seed = derive_seed("select", wildcards.dataset, wildcards.selector, budget, wildcards.seed)
labelled, bought = [], np.array([], np.int64)
for path in map(Path, snakemake.input.labelled):
    labelled = read_already_labelled(path)
    bought = positions(stored, labelled, path)
clock = Clock()
with clock.time("selection"):
    selection = run_selector(settings, stored.features, budget, seed, bought)
sample_ids = labelled + [stored.sample_ids[index] for index in selection.indices]
rows = chosen_rows(read_manifest(snakemake.input.manifest), sample_ids, Path(snakemake.input.features))
about = {"features_sha256": stored.attributes["content_sha256"], "budget": wildcards.budget, **settings}
about |= {"selector": wildcards.selector, "seed": wildcards.seed, "code_version": snakemake.params.code}
about["already_labelled"] = len(labelled)
scores = [*np.zeros(len(labelled)), *selection.scores]
write_selection(Path(snakemake.output.selection), rows, scores, about)
publish_record(snakemake.output.timing, timing_record(clock.seconds()))
