"""Choose the recipe; say how good the model will be, what may be mislabelled, what more labels bring."""

from pathlib import Path

from fact.data.grouping import group_numbers
from fact.data.image_reader import labels_of
from fact.features.labelled import positions
from fact.features.store import read_features
from fact.infra.files.record import publish_record
from fact.infra.process.job import start_job
from fact.model.assessment import Validated, assess
from fact.model.label_errors import write_label_issues
from fact.model.labelled import labelled_of
from fact.model.trust import frame_warnings
from fact.model.validation import read_validations
from fact.selection.beside import beside_by_name

start_job(snakemake.log[0], snakemake.params.code)
settings, names, files = snakemake.params.settings, snakemake.wildcards, snakemake.input
rows, classes = labelled_of(files.manifest, files.classes, files.labels)
pool = read_features(files.pool, expect={"backbone": names.backbone})
frozen = pool.features[positions(pool, list(rows["sample_id"]), Path(files.labels[0]))]
count = settings["shares"]
shares = [files.validations[start : start + count] for start in range(0, len(files.validations), count)]
paths = dict(zip(settings["candidates"], shares, strict=True))
logits, fold, skipped = read_validations(paths, list(rows["sample_id"]), classes)
groups = group_numbers(list(rows["sample_id"]), files.groups)
validated = Validated(logits, fold, labels_of(rows), classes=classes, skipped=skipped, groups=groups)
record, issues = assess(validated, frozen, settings["seed"])
if groups is None:
    record["cautions"] += frame_warnings(beside_by_name(pool.features, pool.sample_ids))
write_label_issues(Path(snakemake.output.label_issues), issues, rows, classes=classes)
publish_record(snakemake.output.assessment, record)
