"""Compute feature maps of crops of the labelled images, by the frozen pretrained or a tuned backbone."""

from pathlib import Path

import torch
from fact.backbones.state_dict import file_sha256
from fact.data.pair_reader import read_pair_reading
from fact.infra.files.record import publish_record
from fact.infra.process.clock import Clock
from fact.infra.process.job import start_job
from fact.infra.process.timing import timing_record
from fact.seeds import derive_seed
from fact.tasks.segmentation.inputs import read_examples, read_inputs
from fact.tasks.segmentation.maps import dump_maps
from fact.tasks.segmentation.model import build_segmenter
from fact.tasks.segmentation.model_files import load_segmenter
from fact.tasks.segmentation.settings import read_decoder, read_maps
from fact.tasks.segmentation.tune import check_crop
from fact.training.computing import Computing

device = start_job(snakemake.log[0], snakemake.params.code, threads=snakemake.threads, gpu=True)
cell, files, settings = snakemake.wildcards, snakemake.input, snakemake.params.settings
weights, maps, clock = Path(files.weights).parent, read_maps(settings["maps"]), Clock()
inputs = read_inputs(files, read_pair_reading(settings["reading"]), snakemake.threads)
if files.checkpoint:
    model, spec = load_segmenter(Path(files.checkpoint[0]), weights)
    made_by = file_sha256(Path(files.checkpoint[0]))
else:
    torch.manual_seed(0)  # of a head that is thrown away
    model, spec = build_segmenter(weights, len(inputs.classes), read_decoder(settings["decoder"]))
    made_by = spec.weights_sha256
check_crop(model.backbone, maps.crops.crop_size)
seed = derive_seed("maps", cell.dataset, cell.selector, cell.budget, cell.seed)
provenance = {**dict(cell.items()), "made_by": made_by}
attributes = {"dataset": cell.dataset, "backbone": cell.backbone, "provenance": provenance}
attributes["code_version"] = snakemake.params.code
with clock.time("maps"):
    examples = dict(zip(inputs.labelled["sample_id"], read_examples(inputs, device), strict=True))
    computing = Computing(device, seed)
    dump_maps(
        Path(snakemake.output.maps), model.backbone, examples, spec=spec, settings=maps,
        computing=computing, attributes=attributes,
    )  # fmt: skip
publish_record(snakemake.output.timing, timing_record(clock.seconds()))
