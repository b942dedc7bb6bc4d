"""Phase 1: a linear probe on frozen features of the labelled images."""

import sys
from pathlib import Path

import torch
from fact.data.classes import read_classes
from fact.device import use_threads
from fact.heads.saving import save_head
from fact.labelled import check_test, labelled_features
from fact.probing import fit_probe
from fact.publish import publish_json
from fact.scoring import score_record
from fact.seeds import derive_seed
from fact.store import read_features

sys.stderr = open(snakemake.log[0], "w", buffering=1)  # noqa: SIM115

names = snakemake.wildcards
device = use_threads(snakemake.threads)
pool, test = (
    read_features(snakemake.input[split], expect={"backbone": names.backbone}) for split in ("pool", "test")
)
check_test(test.labels, snakemake.input.test)
features, labels, sample_ids = labelled_features(pool, Path(snakemake.input.selection))
seed = derive_seed("probe", *names)
head, report = fit_probe(
    features,
    labels,
    sample_ids,
    len(read_classes(snakemake.input.classes)),
    snakemake.params.settings,
    seed,
    device,
)
save_head(Path(snakemake.output.head), head)
record = score_record(
    {**dict(names.items()), **snakemake.params.settings, "code_version": snakemake.params.code},
    head.logits(torch.from_numpy(test.features)).numpy(),
    test.labels,
    **report,
)
publish_json(snakemake.output.score, record)
