"""Multi-level features of crops of the labelled images, by the frozen pretrained or a tuned backbone."""

from pathlib import Path

import torch
from fact.backbones.state_dict import file_sha256
from fact.infra.files.record import publish_record
from fact.infra.process.clock import Clock
from fact.infra.process.job import start_job
from fact.infra.process.timing import timing_record
from fact.seeds import derive_seed
from fact.tasks.segmentation.inputs import read_examples, read_inputs
from fact.tasks.segmentation.maps import dump_maps
from fact.tasks.segmentation.model import build_segmenter
from fact.tasks.segmentation.model_files import load_segmenter
from fact.tasks.segmentation.tune import check_crop

device = start_job(snakemake.log[0], snakemake.params.code, threads=snakemake.threads, gpu=True)
names, files, settings = snakemake.wildcards, snakemake.input, snakemake.params.settings
weights = Path(snakemake.input.weights).parent
inputs = read_inputs(files, settings["reading"], snakemake.threads)
if files.checkpoint:
    checkpoint = Path(files.checkpoint[0])
    model, spec = load_segmenter(checkpoint, weights)
    made_by = file_sha256(checkpoint)
else:
    torch.manual_seed(0)  # of a head that is thrown away
    model, spec = build_segmenter(weights, len(inputs.classes), settings["decoder"])
    made_by = spec["weights_sha256"]
check_crop(model.backbone, settings["maps"]["crop_size"])
clock = Clock()
with clock.time("maps"):
    dump_maps(
        Path(snakemake.output.maps),
        model.backbone,
        read_examples(inputs, device),
        list(inputs.labelled["sample_id"]),
        spec,
        settings["maps"],
        derive_seed("maps", names.dataset, names.selector, names.budget, names.seed),
        device,
        attributes={
            "dataset": names.dataset,
            "backbone": names.backbone,
            "code_version": snakemake.params.code,
            "provenance": {**dict(names.items()), "made_by": made_by},
        },
    )
publish_record(snakemake.output.timing, timing_record(clock.seconds()))
