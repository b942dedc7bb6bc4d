"""Image, truth and each method's segmentation of a few test images, of every column of a dataset."""

from pathlib import Path

from fact.data.classes import read_classes
from fact.data.manifest import read_manifest
from fact.infra.files.publish import publish, publish_text
from fact.infra.process.job import start_job
from fact.tasks.segmentation.example_predictions import PanelReader
from fact.tasks.segmentation.panels import panel_page, panel_picture, save_picture

start_job(snakemake.log[0], snakemake.params.code)
files, settings = snakemake.input, snakemake.params.settings
classes, manifest = read_classes(Path(files.classes)), read_manifest(Path(files.manifest))
sections = PanelReader(files.source, settings["source"], settings["options"], manifest=manifest).sections(
    settings["sections"]
)
methods = settings["methods"]
title = f"{snakemake.wildcards.table}: {snakemake.wildcards.dataset}, segmentations of test images"
publish_text(snakemake.output.html, panel_page(sections, methods, classes, title=title))
with publish(snakemake.output.png) as temporary:
    name, last = list(sections.items())[-1]
    save_picture(temporary, panel_picture(last, methods, len(classes)), name, methods=methods)
