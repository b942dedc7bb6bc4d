"""Phase 3: a lightweight head on refined features of the labelled images, scored on the test images."""

from pathlib import Path

from fact.data.classes import read_classes
from fact.data.grouping import group_numbers
from fact.data.image_reader import split_rows
from fact.data.labelled_rows import check_test
from fact.data.manifest import read_manifest
from fact.features.dump import read_extraction
from fact.features.store import read_features
from fact.infra.files.record import read_record
from fact.infra.process.job import start_job
from fact.seeds import derive_seed
from fact.tasks.classification.head import fit_and_score, surest_of_pool
from fact.tasks.classification.propagated import read_propagated
from fact.tasks.classification.refined import check_lineage, read_refinement, stored_test
from fact.tasks.publish import publish_outcome
from fact.training.checkpoint import checkpoint_head
from fact.training.heads.saving import save_head
from fact.training.heads.spec import read_head_spec

device = start_job(snakemake.log[0], snakemake.params.code, threads=snakemake.threads, gpu=True)
cell, files, settings = snakemake.wildcards, snakemake.input, snakemake.params.settings
labelled, checkpoint = read_features(files.labelled, expect={"split": "labelled"}), Path(files.checkpoint)
check_lineage(checkpoint, "labelled", labelled.attributes)
if snakemake.params.refinement is None:
    test = stored_test(Path(files.test), checkpoint)
else:
    extraction = read_extraction(snakemake.params.refinement)
    refinement = read_refinement(files, extraction, device, workers=snakemake.threads)
    test = refinement.stream(split_rows(read_manifest(files.manifest), "test"))
spec, pool = read_head_spec(settings), None
if spec.pool:
    vectors = read_features(files.pool, expect={"split": "pool"})
    check_lineage(checkpoint, "pool", vectors.attributes)
    power = read_record(files.propagation)["power"]
    pool = surest_of_pool(vectors, read_propagated(Path(files.propagated)), spec.pool, power)
check_test(test.labels, files.get("test", files.get("manifest")))
head, outcome = fit_and_score(
    labelled,
    test,
    num_classes=len(read_classes(files.classes)),
    spec=spec,
    seed=derive_seed("head", *cell),
    start=checkpoint_head(checkpoint),
    device=device,
    pool=pool,
    groups=group_numbers(labelled.sample_ids, files.groups),
)
save_head(snakemake.output.head, head, {"about": dict(cell.items())})
publish_outcome(snakemake.output, outcome, {**dict(cell.items()), **settings}, code=snakemake.params.code)
