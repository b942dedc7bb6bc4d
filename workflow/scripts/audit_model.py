"""Accuracy of the model on images drawn at random from the pool, where their labels are back."""

from pathlib import Path

from fact.data.labels_file import read_labels
from fact.infra.files.record import publish_record
from fact.infra.process.job import start_job
from fact.model.apart import read_grouped
from fact.model.audit import NO_AUDIT, audited
from fact.model.audit_file import audit_labels, read_draw
from fact.model.config_file import read_config
from fact.model.pool_predictions import read_pool_predictions

start_job(snakemake.log[0], snakemake.params.code)
files, record = snakemake.input, NO_AUDIT
if files.audit:
    draw = read_draw(Path(files.audit[0]))
    labels = audit_labels(draw, *map(Path, (files.audit[1], files.labels[0])))
    pool = read_pool_predictions(Path(files.predictions))
    predicted = dict(zip(pool.sample_ids, pool.labels, strict=True))
    classes = read_config(Path(files.config).parent)["classes"]
    learnt = read_labels(Path(files.labels[0]))
    grouped = read_grouped(draw.sample_ids, learnt, files.groups)
    missing = draw.ignore_missing
    record = audited(draw.strata, labels, predicted, classes, ignore_missing=missing, grouped=grouped)
publish_record(snakemake.output.audit, record)
