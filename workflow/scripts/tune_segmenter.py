"""Phase 2 of segmentation: backbone and head on random crops of the labelled images."""

from pathlib import Path

from fact.backbones.spec import read_spec
from fact.infra.process.job import start_job
from fact.seeds import derive_seed
from fact.tasks.publish import publish_outcome
from fact.tasks.segmentation.inputs import check_masks, read_inputs
from fact.tasks.segmentation.model_files import save_examples
from fact.tasks.segmentation.phases import read_start, run_tuning
from fact.tasks.segmentation.settings import read_stage
from fact.training.checkpoint import save_checkpoint
from fact.training.computing import resumable

device = start_job(snakemake.log[0], snakemake.params.code, threads=snakemake.threads, gpu=True)
cell, files, code = dict(snakemake.wildcards.items()), snakemake.input, snakemake.params.code
settings = read_stage(snakemake.params.settings)
inputs = read_inputs(files, settings.reading, snakemake.threads)
check_masks(inputs.test, files.manifest)
weights, seed = Path(files.weights).parent, derive_seed("tune", *cell.values())
start = read_start(weights, Path(files.start[0]) if files.start else None)
with resumable(device, seed, snakemake.params.resume, code=code) as computing:
    trained = run_tuning(start, inputs, settings, computing=computing)
metadata = {**cell, "num_classes": len(inputs.classes), "weights_sha256": read_spec(weights).weights_sha256}
metadata["decoder"] = settings.plain["decoder"]
tensors = settings.tuner.trained_tensors(trained.model)
save_checkpoint(Path(snakemake.output.checkpoint), tensors, settings.training.plain, metadata=metadata)
save_examples(Path(snakemake.output.shown), trained.evaluation.examples)
publish_outcome(snakemake.output, trained.outcome, {**cell, **settings.plain}, code=code)
computing.resume.discard()
