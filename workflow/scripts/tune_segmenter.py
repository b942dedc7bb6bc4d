"""Phase 2 of segmentation: backbone and head on random crops of the labelled images."""

from pathlib import Path

from fact.infra.process.job import start_job
from fact.seeds import derive_seed
from fact.tasks.publish import publish_outcome
from fact.tasks.segmentation.inputs import check_test, read_inputs
from fact.tasks.segmentation.model_files import save_segmenter
from fact.tasks.segmentation.phases import tune_segmenter
from fact.training.interrupt import stop_signals
from fact.training.resume import ResumePlan

device = start_job(snakemake.log[0], snakemake.params.code, threads=snakemake.threads, gpu=True)
names, files, settings = dict(snakemake.wildcards.items()), snakemake.input, snakemake.params.settings
resume = snakemake.params.resume
inputs = read_inputs(files, settings["reading"], snakemake.threads)
check_test(inputs.test, files.manifest)
weights, seed = Path(files.weights).parent, derive_seed("tune", *names.values())
start = Path(files.start[0]) if files.start else None
with stop_signals() as stop:
    plan = ResumePlan(Path(resume["path"]), resume["every"], stop, snakemake.params.code)
    outcome, weights_sha256 = tune_segmenter(weights, start, inputs, settings, seed, device, plan)
about = {**names, "num_classes": len(inputs.classes), "weights_sha256": weights_sha256}
about["decoder"] = settings["decoder"]
save_segmenter(Path(snakemake.output.checkpoint), outcome.model, settings["training"], about)
publish_outcome(snakemake.output, outcome, inputs, {**names, **settings}, snakemake.params.code)
plan.discard()
