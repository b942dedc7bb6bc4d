"""Out-of-fold logits of one recipe on the labelled images."""

from pathlib import Path

import torch
from fact.backbones.weights import read_spec
from fact.infra.files.record import publish_record
from fact.infra.process.clock import Clock
from fact.infra.process.job import start_job
from fact.infra.process.timing import timing_record
from fact.model.labelled import labelled_of, read_labelled
from fact.model.phases import Phases
from fact.model.validation import KeptFolds, fold_fitter, out_of_fold, save_validation
from fact.seeds import derive_seed
from fact.training.interrupt import stop_signals
from fact.training.resume import ResumePlan, resume_key

device = start_job(snakemake.log[0], snakemake.params.code, threads=snakemake.threads, gpu=True)
settings, names, files = snakemake.params.settings, snakemake.wildcards, snakemake.input
weights, resume = Path(files.weights).parent, snakemake.params.resume
spec, clock = read_spec(weights), Clock()
rows, classes = labelled_of(files.manifest, files.classes, files.labels)
data = read_labelled(rows, classes, files.source, settings, spec, snakemake.threads)
seed = derive_seed("model", names.dataset, names.backbone, settings["seed"])
images = (torch.from_numpy(array) for array in (data.trained, data.labels))
key = resume_key(snakemake.params.code, settings, seed, spec["weights_sha256"], *images)
kept = KeptFolds(Path(f"{resume['path']}.folds.safetensors"), key)
with stop_signals() as stop, clock.time("train"):
    plan = ResumePlan(
        Path(f"{resume['path']}.resume.safetensors"), resume["every"], stop, snakemake.params.code
    )
    fit_fold = fold_fitter(weights, Phases(**settings["phases"]), device, plan)
    logits, fold = out_of_fold(settings["folds"], data, seed, fit_fold, kept)
about = {"candidate": names.candidate, "sample_ids": data.sample_ids, "classes": classes}
save_validation(Path(snakemake.output.validation), logits, fold, about)
publish_record(snakemake.output.timing, timing_record(clock.seconds()))
plan.discard()
kept.discard()
