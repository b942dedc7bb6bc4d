"""Accuracy of the model on the test images, where there are labelled ones."""

from pathlib import Path

from fact.data.image_reader import labels_of
from fact.data.manifest import read_manifest
from fact.infra.files.record import publish_record, read_record
from fact.infra.process.job import start_job
from fact.model.loaded import load_model
from fact.model.predict_pool import probabilities_of
from fact.model.scoring import score_of

start_job(snakemake.log[0], snakemake.params.code, threads=snakemake.threads, gpu=True)
model = load_model(Path(snakemake.input.config).parent)
manifest = read_manifest(snakemake.input.manifest)
# perhaps none
rows = manifest[(manifest["split"] == "test") & (labels_of(manifest) >= 0)]
source, settings = read_record(snakemake.input.source), snakemake.params.settings
probabilities = probabilities_of(
    model, rows, source, settings=settings, workers=snakemake.threads, label="test images"
)
publish_record(snakemake.output.test, score_of(probabilities, labels_of(rows)))
