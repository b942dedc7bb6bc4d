"""Compute feature maps of crops of the labelled images, by the frozen pretrained or a tuned backbone."""

from pathlib import Path

from fact.data.pair_reader import read_pair_reading
from fact.infra.files.record import publish_record
from fact.infra.process.clock import Clock
from fact.infra.process.job import start_job
from fact.infra.process.timing import timing_record
from fact.seeds import derive_seed
from fact.tasks.segmentation.inputs import read_examples, read_inputs
from fact.tasks.segmentation.maps import dump_maps
from fact.tasks.segmentation.model_files import load_pyramid
from fact.tasks.segmentation.settings import read_maps
from fact.tasks.segmentation.tune import check_crop
from fact.training.computing import Computing

device = start_job(snakemake.log[0], snakemake.params.code, threads=snakemake.threads, gpu=True)
cell, files, settings = snakemake.wildcards, snakemake.input, snakemake.params.settings
maps, clock = read_maps(settings["maps"]), Clock()
inputs = read_inputs(files, read_pair_reading(settings["reading"]), snakemake.threads)
checkpoint = Path(files.checkpoint[0]) if files.checkpoint else None
backbone, spec, made_by = load_pyramid(Path(files.weights).parent, checkpoint)
check_crop(backbone, maps.crops.crop_size)
seed = derive_seed("maps", cell.dataset, cell.selector, cell.budget, cell.seed)
provenance = {**dict(cell.items()), "made_by": made_by}
attributes = {"dataset": cell.dataset, "backbone": cell.backbone, "provenance": provenance}
with clock.time("maps"):
    dump_maps(
        Path(snakemake.output.maps),
        backbone,
        dict(zip(inputs.labelled["sample_id"], read_examples(inputs, device), strict=True)),
        spec=spec,
        settings=maps,
        computing=Computing(device, seed),
        attributes={**attributes, "code_version": snakemake.params.code},
    )
publish_record(snakemake.output.timing, timing_record(clock.seconds()))
