"""Phase 3 of segmentation: phase 2's head trained on, on FroFA-augmented maps of its frozen backbone."""

from pathlib import Path

from fact.infra.process.job import start_job
from fact.seeds import derive_seed
from fact.tasks.publish import publish_outcome
from fact.tasks.segmentation.head import discard_trials
from fact.tasks.segmentation.inputs import check_test, read_inputs
from fact.tasks.segmentation.model_files import save_head
from fact.tasks.segmentation.phases import refit_head
from fact.training.interrupt import stop_signals
from fact.training.resume import ResumePlan

device = start_job(snakemake.log[0], snakemake.params.code, threads=snakemake.threads, gpu=True)
names, files, settings = dict(snakemake.wildcards.items()), snakemake.input, snakemake.params.settings
resume = snakemake.params.resume
inputs = read_inputs(files, settings["reading"], snakemake.threads)
check_test(inputs.test, files.manifest)
weights, checkpoint = Path(files.weights).parent, Path(files.checkpoint)
with stop_signals() as stop:
    plan = ResumePlan(Path(resume["path"]), resume["every"], stop, snakemake.params.code)
    seed = derive_seed("head", *names.values())
    outcome = refit_head(weights, checkpoint, Path(files.maps), inputs, settings, seed, device, plan)
save_head(Path(snakemake.output.head), outcome.model.head, names)
publish_outcome(snakemake.output, outcome, inputs, {**names, **settings}, snakemake.params.code)
discard_trials(plan.path)
plan.discard()
