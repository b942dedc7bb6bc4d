"""Phase 1 of segmentation: the head on maps of the frozen backbone."""

from pathlib import Path

from fact.infra.process.job import start_job
from fact.seeds import derive_seed
from fact.tasks.publish import publish_outcome
from fact.tasks.segmentation.inputs import check_masks, read_inputs
from fact.tasks.segmentation.model_files import save_examples, save_segmentation_head
from fact.tasks.segmentation.phases import run_probe
from fact.tasks.segmentation.settings import read_stage
from fact.training.computing import resumable

device = start_job(snakemake.log[0], snakemake.params.code, threads=snakemake.threads, gpu=True)
cell, files, code = dict(snakemake.wildcards.items()), snakemake.input, snakemake.params.code
settings = read_stage(snakemake.params.settings)
inputs = read_inputs(files, settings.reading, snakemake.threads)
check_masks(inputs.test, files.manifest)
weights, seed = Path(files.weights).parent, derive_seed("probe", *cell.values())
with resumable(device, seed, snakemake.params.resume, code=code) as computing:
    trained = run_probe(weights, Path(files.maps), inputs, settings=settings, computing=computing)
save_segmentation_head(Path(snakemake.output.head), trained.model.head, cell)
save_examples(Path(snakemake.output.shown), trained.evaluation.examples)
publish_outcome(snakemake.output, trained.outcome, {**cell, **settings.plain}, code=code)
computing.resume.discard()
