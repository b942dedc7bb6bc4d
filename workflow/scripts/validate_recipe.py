"""Out-of-fold logits of one recipe on the labelled images."""

from pathlib import Path

import torch
from fact.backbones.spec import read_spec
from fact.data.grouping import names_of_groups
from fact.infra.files.record import publish_record
from fact.infra.process.clock import Clock
from fact.infra.process.job import start_job
from fact.infra.process.timing import timing_record
from fact.model.labelled import labelled_of, read_labelled
from fact.model.phases import read_phases
from fact.model.pool_files import read_pool_part
from fact.model.skipping import reason_to_skip
from fact.model.validation import NOTHING, KeptFolds, Share, fold_fitter, out_of_fold, save_validation
from fact.seeds import derive_seed
from fact.training.computing import resumable
from fact.training.resume import fingerprint

device = start_job(snakemake.log[0], snakemake.params.code, threads=snakemake.threads, gpu=True)
settings, names, files = snakemake.params.settings, snakemake.wildcards, snakemake.input
weights, resume = Path(files.weights).parent, snakemake.params.resume
spec, clock = read_spec(weights), Clock()
rows, classes = labelled_of(files.manifest, files.classes, files.labels)
groups = names_of_groups(list(rows["sample_id"]), files.groups)
data = read_labelled(
    rows, classes, files.source, settings=settings, spec=spec, workers=snakemake.threads, groups=groups
)
seed = derive_seed("model", names.dataset, names.backbone, settings["seed"])
images = (torch.from_numpy(array) for array in (data.trained, data.labels))
key = fingerprint(snakemake.params.code, settings, seed, spec.weights_sha256, *images)
kept = KeptFolds(Path(f"{resume['path']}.folds.safetensors"), key)
resume = {**resume, "path": f"{resume['path']}.resume.safetensors"}
phases, share = read_phases(settings["phases"]), Share(int(names.share), settings["shares"])
skipped = settings["full_is_tried"] and reason_to_skip(weights, phases)
with resumable(device, seed, resume, code=snakemake.params.code) as computing, clock.time("train"):
    pool = None if skipped else read_pool_part(files, settings, spec, frozen=phases.recipe is None)
    fit_fold = fold_fitter(weights, phases, computing, pool)
    folds = (settings["folds"], data, seed)
    logits, fold = out_of_fold(*folds, fit_fold, kept, share=NOTHING if skipped else share)
metadata = {"candidate": names.candidate, "sample_ids": data.sample_ids, "classes": classes}
metadata |= {"skipped": skipped} if skipped else {}
save_validation(Path(snakemake.output.validation), logits, fold, metadata=metadata)
publish_record(snakemake.output.timing, timing_record(clock.seconds()))
computing.resume.discard()
kept.discard()
