"""Extract pooled vectors of a tuned backbone for the pool, or a random part of it."""

from pathlib import Path

from fact.data.image_reader import split_rows
from fact.data.manifest import read_manifest
from fact.data.selection_file import read_selection
from fact.features.dump import read_extraction
from fact.infra.files.record import publish_record
from fact.infra.process.clock import Clock
from fact.infra.process.job import start_job
from fact.infra.process.timing import timing_record
from fact.seeds import derive_seed
from fact.tasks.classification.pool_part import drawn_part
from fact.tasks.classification.refined import read_refinement

device = start_job(snakemake.log[0], snakemake.params.code, threads=snakemake.threads, gpu=True)
settings, cell, files = read_extraction(snakemake.params.settings), snakemake.wildcards, snakemake.input
refinement, clock = read_refinement(files, settings, device, workers=snakemake.threads), Clock()
attributes = {"dataset": cell.dataset, "backbone": cell.backbone, "provenance": dict(cell.items())}
named = {**attributes, "split": "pool", "code_version": snakemake.params.code}
seed = derive_seed("pool", *cell)
with clock.time("pool"):
    rows = split_rows(read_manifest(files.manifest), "pool")
    rows = drawn_part(rows, read_selection(Path(files.selection)), snakemake.params.limit, seed)
    refinement.dump(Path(snakemake.output.pool), rows, named, tokens=False)
publish_record(snakemake.output.timing, timing_record(clock.seconds()))
