"""Phase 3 of segmentation: phase 2's head trained on, on FroFA-augmented maps of its frozen backbone."""

from pathlib import Path

from fact.infra.process.job import start_job
from fact.seeds import derive_seed
from fact.tasks.publish import publish_outcome
from fact.tasks.segmentation.head import discard_trials
from fact.tasks.segmentation.inputs import check_masks, read_inputs
from fact.tasks.segmentation.model_files import save_examples, save_segmentation_head
from fact.tasks.segmentation.phases import run_refit
from fact.tasks.segmentation.settings import read_search, read_stage
from fact.training.computing import resumable

device = start_job(snakemake.log[0], snakemake.params.code, threads=snakemake.threads, gpu=True)
cell, files, code = dict(snakemake.wildcards.items()), snakemake.input, snakemake.params.code
settings = read_stage(snakemake.params.settings)
inputs = read_inputs(files, settings.reading, snakemake.threads)
check_masks(inputs.test, files.manifest)
search, seed = read_search(settings.plain), derive_seed("head", *cell.values())
start = Path(files.weights).parent, Path(files.checkpoint)
with resumable(device, seed, snakemake.params.resume, code=code) as computing:
    trained = run_refit(
        start, Path(files.maps), inputs, settings=settings, search=search, computing=computing
    )
save_segmentation_head(Path(snakemake.output.head), trained.model.head, cell)
save_examples(Path(snakemake.output.shown), trained.evaluation.examples)
publish_outcome(snakemake.output, trained.outcome, {**cell, **settings.plain}, code=code)
discard_trials(computing.resume.path)
computing.resume.discard()
