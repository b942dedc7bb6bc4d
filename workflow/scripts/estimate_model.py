"""The model on the unlabelled pool: what it is least sure of, how good it is there; and on test images."""

from pathlib import Path

from fact.data.image_reader import labels_of, split_rows
from fact.data.labels_file import read_labels
from fact.data.manifest import read_manifest
from fact.data.selection_file import write_selection
from fact.features.labelled import positions
from fact.features.store import read_features
from fact.infra.files.record import publish_record, read_record
from fact.infra.process.job import start_job
from fact.model.estimate import LEVEL, estimate, read_measured
from fact.model.loaded import load_model
from fact.model.pool_predictions import write_pool_predictions
from fact.model.predict_pool import least_sure, probabilities_of
from fact.model.scoring import score_of

start_job(snakemake.log[0], snakemake.params.code, threads=snakemake.threads, gpu=True)
model = load_model(Path(snakemake.input.config).parent)
manifest = read_manifest(snakemake.input.manifest)
rows = split_rows(manifest, "pool")
rows = rows[~rows["sample_id"].isin(read_labels(Path(snakemake.input.labels[0])))].reset_index(drop=True)
source, settings = read_record(snakemake.input.source), snakemake.params.settings
if model.reads_frozen_vectors:
    pool = read_features(snakemake.input.pool, expect={"split": "pool"}, tokens=False)
    frozen = pool.features[positions(pool, list(rows["sample_id"]), Path(snakemake.input.pool))]
    probabilities = model.probabilities_of_vectors(frozen)
else:
    probabilities = probabilities_of(
        model, rows, source, settings=settings, workers=snakemake.threads, label="pool"
    )
chosen, scores = least_sure(probabilities, settings["next"])
metadata = {**dict(snakemake.wildcards.items()), "score": "1 - margin of the two likeliest classes"}
write_selection(Path(snakemake.output.selection), rows.iloc[chosen], scores, metadata=metadata)
predictions = Path(snakemake.output.predictions)
write_pool_predictions(predictions, list(rows["sample_id"]), probabilities, classes=model.classes)
measured = read_measured(read_record(snakemake.input.assessment)["measured"])
result = estimate(measured, probabilities)
record = {**result._asdict(), "level": LEVEL, "unlabelled": len(rows)}
publish_record(snakemake.output.estimate, record)
tested = manifest[(manifest["split"] == "test") & (labels_of(manifest) >= 0)]
found = probabilities_of(
    model, tested, source, settings=settings, workers=snakemake.threads, label="test images"
)
publish_record(snakemake.output.test, score_of(found, labels_of(tested)))
