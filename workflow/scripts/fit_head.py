"""Phase 3: a lightweight head on refined features of the labelled images, scored on the test images."""

from fact.data.classes import read_classes
from fact.data.labelled_rows import check_test
from fact.features.store import read_features
from fact.infra.files.record import publish_record
from fact.infra.process.job import start_job
from fact.infra.process.timing import timing_record
from fact.seeds import derive_seed
from fact.tasks.classification.head import check_lineage, fit_and_score
from fact.tasks.classification.score import score_record
from fact.training.checkpoint import checkpoint_head
from fact.training.heads.saving import save_head

start_job(snakemake.log[0], snakemake.params.code, threads=snakemake.threads)
names, files = snakemake.wildcards, snakemake.input
labelled, test = (read_features(files[split], expect={"split": split}) for split in ("labelled", "test"))
check_lineage(files.checkpoint, {"labelled": labelled, "test": test})
check_test(test.labels, files.test)
head, logits, seconds, report = fit_and_score(
    labelled,
    test,
    len(read_classes(files.classes)),
    snakemake.params.settings,
    derive_seed("head", *names),
    checkpoint_head(files.checkpoint),
)
save_head(snakemake.output.head, head, {"about": dict(names.items())})
setting = {**dict(names.items()), **snakemake.params.settings, "code_version": snakemake.params.code}
publish_record(snakemake.output.score, score_record(setting, logits, test.labels, **report))
publish_record(snakemake.output.timing, timing_record(seconds))
