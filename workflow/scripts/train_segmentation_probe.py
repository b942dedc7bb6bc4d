"""Phase 1 of segmentation: the head on maps of the frozen backbone."""

from pathlib import Path

from fact.infra.process.job import start_job
from fact.seeds import derive_seed
from fact.tasks.publish import publish_outcome
from fact.tasks.segmentation.inputs import check_test, read_inputs
from fact.tasks.segmentation.model_files import save_head
from fact.tasks.segmentation.phases import probe
from fact.training.interrupt import stop_signals
from fact.training.resume import ResumePlan

device = start_job(snakemake.log[0], snakemake.params.code, threads=snakemake.threads, gpu=True)
names, files, settings = dict(snakemake.wildcards.items()), snakemake.input, snakemake.params.settings
resume = snakemake.params.resume
inputs = read_inputs(files, settings["reading"], snakemake.threads)
check_test(inputs.test, files.manifest)
weights, seed = Path(files.weights).parent, derive_seed("probe", *names.values())
with stop_signals() as stop:
    plan = ResumePlan(Path(resume["path"]), resume["every"], stop, snakemake.params.code)
    outcome = probe(weights, Path(files.maps), inputs, settings, seed, device, plan)
save_head(Path(snakemake.output.head), outcome.model.head, names)
publish_outcome(snakemake.output, outcome, inputs, {**names, **settings}, snakemake.params.code)
plan.discard()
