"""Bytes that a job leaves behind, from the formats of its files."""

from fact.planning.jobs import Job
from fact.planning.sizes import Sizes
from fact.planning.work import labelled

ELEMENT = {"float16": 2, "float32": 4}
# sample id and label of an image in a features file
NAME_BYTES = 60
# a score with its history, a selection, a log
SMALL = 50_000


def job_bytes(job: Job, sizes: Sizes) -> tuple[str, float]:
    """What kind of file a job leaves behind, and its bytes."""
    names, element = job.names, ELEMENT[sizes.config["run"]["store_dtype"]]
    if job.rule == "get_weights":
        return "weights", 4.0 * sizes.backbone(names["backbone"]).parameters
    if job.rule == "extract_features":
        counts, pooled = sizes.counts(names["dataset"]), sizes.backbone(names["backbone"]).pooled
        images = counts.pool if names["split"] == "pool" else counts.test
        return "features", float(images * (pooled * element + NAME_BYTES))
    if job.rule == "tune_backbone":
        classes = sizes.counts(names["dataset"]).classes
        return "checkpoints", 4.0 * sizes.trained(names["backbone"], names["recipe"], classes).trainable
    if job.rule == "refine_features":
        row = sizes.backbone(names["backbone"])
        height, width, channels = row.tokens or (0, 0, 0)
        values = row.pooled + height * width * channels
        images = labelled(names, sizes) + sizes.counts(names["dataset"]).test
        return "refined features", float(images * (values * element + NAME_BYTES))
    return "scores, selections, logs", float(SMALL)
