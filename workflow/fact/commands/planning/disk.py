"""Bytes that a job leaves behind, from the formats of its files."""

from fact.commands.planning.jobs import Job
from fact.commands.planning.memory import token_bytes
from fact.commands.planning.segmentation_work import SEGMENTATION, map_rows, settings_of
from fact.commands.planning.sizes import Sizes

ELEMENT = {"float16": 2, "float32": 4}
# sample id and label of an image in a features file
NAME_BYTES = 60
# refined tokens of labelled images, where those of test images are streamed
LABELLED = "labelled tokens"
# maps that are deleted when the heads on them are fitted
PASSING = "maps, deleted after use"
# a score with its history, a selection, a log
SMALL = 50_000
# a segmentation kept to be shown, of 683 × 512 pixels: most images of ADE20k are as large
SHOWN = 350_000


def job_bytes(job: Job, sizes: Sizes) -> dict[str, float]:
    """Return bytes that a job leaves behind, by kind of file; of each job the kind that counts."""
    names, element = job.names, ELEMENT[sizes.config.run["store_dtype"]]
    if job.rule == "get_weights":
        return {"weights": 4.0 * sizes.backbone(names["backbone"]).parameters}
    if job.rule == "extract_features":
        counts, pooled = sizes.counts(names["dataset"]), sizes.backbone(names["backbone"]).pooled
        images = counts.pool if names["split"] == "pool" else counts.test
        return {"features": float(images * (pooled * element + NAME_BYTES))}
    if job.rule == "tune_backbone":
        classes = sizes.counts(names["dataset"]).classes
        return {"checkpoints": 4.0 * sizes.trained(names["backbone"], names["recipe"], classes).trainable}
    if job.rule == "refine_features":
        row = sizes.backbone(names["backbone"])
        height, width, channels = row.tokens or (0, 0, 0)
        values = row.pooled + height * width * channels
        images = sizes.labelled(names) + sizes.counts(names["dataset"]).test
        return {"refined features": float(images * (values * element + NAME_BYTES))}
    if job.rule == "refine_labelled":
        row = sizes.backbone(names["backbone"])
        vectors = sizes.labelled(names) * (row.pooled * element + NAME_BYTES)
        return {LABELLED: vectors + token_bytes(names, sizes) * element / ELEMENT["float16"]}
    if job.rule == "refine_pool":
        pooled = sizes.backbone(names["backbone"]).pooled
        vectors = sizes.refined_pool(names) * (pooled * element + NAME_BYTES)
        return {"refined vectors of pools": float(vectors)}
    if job.rule == "propagate_labels":
        return {"propagated labels": float(sizes.refined_pool(names) * NAME_BYTES)}
    if job.rule == "decode_test":
        side = sizes.backbone(names["backbone"]).image_size
        return {"decoded test images": float(sizes.counts(names["dataset"]).test * 3 * side**2)}
    if job.rule in SEGMENTATION:
        return _segmentation_bytes(job, sizes, element)
    return {"scores, selections, logs": float(SMALL)}


def _segmentation_bytes(job: Job, sizes: Sizes, element: int) -> dict[str, float]:
    names = job.names
    dataset, backbone = names["dataset"], names["backbone"]
    size = sizes.segmenter(dataset, backbone)
    if job.rule in ("refine_maps", "refine_passing_maps"):
        return {
            PASSING if job.rule == "refine_passing_maps" else "maps": float(
                map_rows(names, sizes) * (size.map_values * element + NAME_BYTES)
            )
        }
    tuned = job.rule == "tune_segmenter"
    trained = sizes.tuned(dataset, backbone, names["recipe"]) if tuned else size.head_parameters
    kept = min(settings_of(names, sizes)["inference"]["shown"], sizes.counts(dataset).test)
    return {"checkpoints": 4.0 * trained, "shown segmentations": float(SHOWN * kept)}
