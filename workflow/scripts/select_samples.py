"""Choose which images of the pool to label, from their features alone."""

from pathlib import Path

import numpy as np
from fact.config.budget import budget_size
from fact.data.grouping import group_numbers
from fact.data.manifest import read_manifest
from fact.data.selection_file import read_already_labelled
from fact.features.labelled import positions, without_gone
from fact.features.pattern_file import read_patterns
from fact.features.store import read_features
from fact.infra.process.clock import Clock
from fact.infra.process.job import start_job
from fact.seeds import derive_seed
from fact.selection.over_groups import run_over_groups
from fact.selection.publish import publish_picks
from fact.selection.run import run_selector
from fact.selection.settings import SelectorSettings

asked = bool(snakemake.resources.get("gpu", 0))  # a job that asked for no GPU leaves them to those that did
start_job(snakemake.log[0], snakemake.params.code, threads=snakemake.threads, gpu=asked)
settings, wildcards, files = snakemake.params.settings, snakemake.wildcards, snakemake.input
pool = read_features(files.features, expect={"backbone": wildcards.backbone, "split": "pool"}, tokens=False)
patterns = read_patterns(files.patterns[0], pool) if files.patterns else None
budget = budget_size(wildcards.budget, len(pool.features))
seed = derive_seed("select", wildcards.dataset, wildcards.selector, budget, wildcards.seed)
before, labelled = [], np.array([], np.int64)
for path in map(Path, files.labelled):
    before = read_already_labelled(path)
    if snakemake.params.may_be_gone:
        before = without_gone(pool, before, path)
    labelled = positions(pool, before, path)
clock, own = Clock(), SelectorSettings.from_plain(settings)
groups = group_numbers(pool.sample_ids, files.groups)
with clock.time("selection"):
    if groups is None:
        picks = run_selector(own, pool.features, budget, seed=seed, labelled=labelled, patterns=patterns)
    else:
        picks = run_over_groups(own, pool.features, budget, seed, labelled, groups, patterns=patterns)
metadata = {name: wildcards[name] for name in ("budget", "selector", "seed")}
metadata |= {**settings, "code_version": snakemake.params.code, "already_labelled": len(before)}
manifest, path = read_manifest(files.manifest), Path(snakemake.output.selection)
publish_picks(path, pool, manifest, picks=picks, before=before, metadata=metadata, seconds=clock.seconds())
