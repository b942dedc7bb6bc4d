"""Phase 3: a lightweight head on refined features of the labelled images, scored on the test images."""

from fact.data.classes import read_classes
from fact.data.labelled_rows import check_test
from fact.features.store import read_features
from fact.infra.process.job import start_job
from fact.seeds import derive_seed
from fact.tasks.classification.head import check_lineage, fit_and_score
from fact.tasks.publish import publish_outcome
from fact.training.checkpoint import checkpoint_head
from fact.training.heads.saving import save_head
from fact.training.heads.spec import read_head_spec

start_job(snakemake.log[0], snakemake.params.code, threads=snakemake.threads)
cell, files, settings = snakemake.wildcards, snakemake.input, snakemake.params.settings
labelled, test = (read_features(files[split], expect={"split": split}) for split in ("labelled", "test"))
check_lineage(files.checkpoint, {"labelled": labelled, "test": test})
check_test(test.labels, files.test)
head, outcome = fit_and_score(
    labelled,
    test,
    num_classes=len(read_classes(files.classes)),
    spec=read_head_spec(settings),
    seed=derive_seed("head", *cell),
    start=checkpoint_head(files.checkpoint),
)
save_head(snakemake.output.head, head, {"about": dict(cell.items())})
publish_outcome(snakemake.output, outcome, {**dict(cell.items()), **settings}, code=snakemake.params.code)
