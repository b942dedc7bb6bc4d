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
from fact.model.apart import apart_mask, read_grouped
from fact.model.estimate import LEVEL, estimate, read_measured
from fact.model.likeness import drawn_rows, write_profile
from fact.model.loaded import load_model
from fact.model.pool_predictions import write_pool_predictions
from fact.model.predict_pool import least_sure, look_at, probabilities_of
from fact.model.scoring import score_of

start_job(snakemake.log[0], snakemake.params.code, threads=snakemake.threads, gpu=True)
model = load_model(Path(snakemake.input.config).parent)
manifest = read_manifest(snakemake.input.manifest)
rows, learnt = split_rows(manifest, "pool"), read_labels(Path(snakemake.input.labels[0]))
rows = rows[~rows["sample_id"].isin(learnt)].reset_index(drop=True)
grouped = read_grouped(list(manifest["sample_id"]), learnt, snakemake.input.groups)
source, settings, kept = read_record(snakemake.input.source), snakemake.params.settings, drawn_rows(len(rows))
if model.reads_frozen_vectors:
    pool = read_features(snakemake.input.pool, expect={"split": "pool"}, tokens=False)
    frozen = pool.features[positions(pool, list(rows["sample_id"]), Path(snakemake.input.pool))]
    probabilities, vectors = model.probabilities_of_vectors(frozen), frozen[kept]
else:
    probabilities, vectors = look_at(
        model, rows, source, settings, workers=snakemake.threads, label="pool", keep=kept
    )
write_profile(Path(snakemake.output.profile), vectors, probabilities.max(1))
chosen, scores = least_sure(probabilities, settings["next"])
metadata = {**dict(snakemake.wildcards.items()), "score": "1 - margin of the two likeliest classes"}
write_selection(Path(snakemake.output.selection), rows.iloc[chosen], scores, metadata=metadata)
predictions = Path(snakemake.output.predictions)
write_pool_predictions(predictions, list(rows["sample_id"]), probabilities, classes=model.classes)
measured = read_measured(read_record(snakemake.input.assessment)["measured"])
apart = apart_mask(list(rows["sample_id"]), grouped)
result = estimate(measured, probabilities[apart])
record = {**result._asdict(), "level": LEVEL, "unlabelled": int(apart.sum())}
publish_record(snakemake.output.estimate, record)
tested = manifest[(manifest["split"] == "test") & (labels_of(manifest) >= 0)]
apart = apart_mask(list(tested["sample_id"]), grouped)
left_out, tested = int((~apart).sum()), tested[apart]
found = probabilities_of(
    model, tested, source, settings=settings, workers=snakemake.threads, label="test images"
)
publish_record(snakemake.output.test, {**score_of(found, labels_of(tested)), "of_learnt_groups": left_out})
