"""Spread the labels over the pool's refined vectors, and multiply by what phase 2's head says."""

from pathlib import Path

from fact.data.classes import read_classes
from fact.data.labelled_rows import read_class_labels
from fact.features.labelled import labelled_features, positions
from fact.features.store import read_features
from fact.infra.files.record import publish_record
from fact.infra.process.clock import Clock
from fact.infra.process.job import start_job
from fact.infra.process.timing import timing_record
from fact.selection.probabilities import of_head
from fact.tasks.classification.propagated import publish_propagation
from fact.tasks.classification.refined import check_lineage
from fact.training.checkpoint import checkpoint_head
from fact.training.heads.head import pooled_head
from fact.training.propagation.propagate import propagate, read_propagation

start_job(snakemake.log[0], snakemake.params.code, threads=snakemake.threads)
files, spec, clock = snakemake.input, read_propagation(snakemake.params.settings), Clock()
pool, checkpoint = read_features(files.pool, expect={"split": "pool"}), Path(files.checkpoint)
check_lineage(checkpoint, "pool", pool.attributes)
selection, label_of = Path(files.selection), read_class_labels(files.labels, read_classes(files.classes))
_, labels, ids = labelled_features(pool, selection, label_of)
with clock.time("propagate"):
    predicted = of_head(pooled_head(checkpoint_head(checkpoint)), pool.features).whole()
    result = propagate(pool.features, positions(pool, ids, selection), labels, predicted, spec)
about = {
    **dict(snakemake.wildcards.items()),
    **snakemake.params.settings,
    "code_version": snakemake.params.code,
}
publish_propagation(Path(snakemake.output.labels), result, pool.sample_ids, labelled=ids, about=about)
publish_record(snakemake.output.timing, timing_record(clock.seconds()))
