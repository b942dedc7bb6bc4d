"""Images per second of a training without all that surrounds it, for `fact smoke`."""

from pathlib import Path

from fact.data.classes import read_classes
from fact.infra.files.record import publish_record
from fact.infra.process.job import start_job
from fact.tasks.classification.bare_loop import images_per_second
from fact.tasks.classification.tune import read_tuning
from fact.training.recipe import Start

device = start_job(snakemake.log[0], snakemake.params.code, threads=snakemake.threads, gpu=True)
tuning, files = read_tuning(snakemake.params.settings), snakemake.input
start = Start(Path(files.weights).parent, None)
classes = len(read_classes(files.classes))
training = snakemake.params.settings["training"]
batch = training["batch_size"] if device.type == "cuda" else training["cpu_micro_batch"]
speed = images_per_second(start, tuning.recipe, num_classes=classes, batch=batch, device=device)
publish_record(Path(snakemake.output.speed), {"images_per_second": speed, "batch": batch})
