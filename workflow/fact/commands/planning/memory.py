"""Memory that a job takes at its peak, from the sizes of what it holds."""

from collections.abc import Mapping

from fact.commands.planning.jobs import Job
from fact.commands.planning.parts import PSEUDO
from fact.commands.planning.sizes import Sizes
from fact.config.settings import keeps_refined, recipe_settings

MEGABYTE = 1_000_000
GIGABYTE = 1_000_000_000
# Python, torch and CUDA's libraries, resident
PROCESS = 1.5 * GIGABYTE
# a manifest in pandas, by row: 1.2 GB for 1.33 million
MANIFEST_ROW = 900
# what an image looks like at a glance, held while copies are looked for: 115 MB for 50,000 in own images
APPEARANCE_ROW = 4000
# a graph of ten neighbours while it is made symmetric, by image
GRAPH_ROW = 1000
# arrays of images by classes that stand at once while labels spread
SPREAD = 8
# where bytes are read as float32
FLOAT = 4
# images being decoded, and maps of a batch
MAPS = 8 * GIGABYTE
# a segmentation job: maps of crops in RAM (29 GB for ADE20k's largest) and images being decoded
SEGMENTATION = 49 * GIGABYTE


def job_memory(job: Job, sizes: Sizes) -> float:
    """Return bytes of main memory at the peak; of rules that hold little more than their libraries, those."""
    count = _MEMORY.get(job.rule)
    return PROCESS + (count(job.names, sizes) if count else 0.0)


def token_bytes(names: Mapping[str, str], sizes: Sizes) -> float:
    """Return bytes of the labelled images' tokens in float16."""
    height, width, channels = sizes.backbone(names["backbone"]).tokens or (1, 1, 0)
    return 2.0 * sizes.labelled(names) * height * width * channels


def _manifest(names: Mapping[str, str], sizes: Sizes) -> float:
    counts = sizes.counts(names["dataset"])
    return float(MANIFEST_ROW * (counts.pool + counts.test))


def _index(names: Mapping[str, str], sizes: Sizes) -> float:
    counts = sizes.counts(names["dataset"])
    own = sizes.config.datasets[names["dataset"]]["source"] == "own_images"
    return _manifest(names, sizes) + (APPEARANCE_ROW * (counts.pool + counts.test) if own else 0)


def _vectors(names: Mapping[str, str], sizes: Sizes, images: int) -> float:
    return float(FLOAT * images * sizes.backbone(names["backbone"]).pooled)


def _pool(names: Mapping[str, str], sizes: Sizes) -> float:
    return _vectors(names, sizes, sizes.counts(names["dataset"]).pool)


def _extract(names: Mapping[str, str], sizes: Sizes) -> float:
    counts = sizes.counts(names["dataset"])
    images = counts.pool if names["split"] == "pool" else counts.test
    return _manifest(names, sizes) + _vectors(names, sizes, images) + GIGABYTE


def _select(names: Mapping[str, str], sizes: Sizes) -> float:
    # measured at 1,281,167 × 384: 4.0 to 4.7 GB, of which the pool is 2
    return 2 * _pool(names, sizes) + _manifest(names, sizes)


def _second_step(names: Mapping[str, str], sizes: Sizes) -> float:
    # the pool three times: read, normalised, with its texts; BADGE holds all probabilities beside it
    counts, module = sizes.counts(names["dataset"]), sizes.config.selectors[names["selector"]]["module"]
    held = FLOAT * counts.pool * counts.classes if module == "badge" else 0
    return 3 * _pool(names, sizes) + _manifest(names, sizes) + held


def _calibrate(names: Mapping[str, str], sizes: Sizes) -> float:
    return 2 * _pool(names, sizes) + _manifest(names, sizes)


def _probe(names: Mapping[str, str], sizes: Sizes) -> float:
    test = _vectors(names, sizes, sizes.counts(names["dataset"]).test)
    return _pool(names, sizes) + 2 * test + 4 * _vectors(names, sizes, sizes.labelled(names))


def _tune(names: Mapping[str, str], sizes: Sizes) -> float:
    dataset, row = names["dataset"], sizes.backbone(names["backbone"])
    settings = recipe_settings(
        sizes.config, dataset, names["backbone"], recipe=names["recipe"], budget=names["budget"]
    )
    images = sizes.labelled(names) * (PSEUDO if settings.get("pseudo") else 1)
    # uint8, twice while they are made contiguous and hashed; weights, momentum and the resume state
    side = row.image_size * settings["augmentation"]["source_scale"]
    labelled = 2 * images * 3 * side**2
    return labelled + 3 * FLOAT * row.parameters + _manifest(names, sizes) + 2 * GIGABYTE


def _refine(names: Mapping[str, str], sizes: Sizes) -> float:
    return _manifest(names, sizes) + FLOAT * sizes.backbone(names["backbone"]).parameters + GIGABYTE


def _propagate(names: Mapping[str, str], sizes: Sizes) -> float:
    # vectors as read, as unit rows and in the index; the graph; and arrays of images by classes
    classes = sizes.counts(names["dataset"]).classes
    images = sizes.refined_pool(names)
    return 3 * _vectors(names, sizes, images) + images * (GRAPH_ROW + SPREAD * FLOAT * classes)


def _head(names: Mapping[str, str], sizes: Sizes) -> float:
    held, dataset = token_bytes(names, sizes), names["dataset"]
    # tokens as stored, and views of a block of them at a time
    fitted = held + max(2**30, 2 * held)
    if not keeps_refined(sizes.config, dataset):
        return fitted + _refine(names, sizes)
    per_image = held / max(1, sizes.labelled(names))
    return fitted + per_image * sizes.counts(dataset).test


def _maps(names: Mapping[str, str], sizes: Sizes) -> float:
    return MAPS


def _segmentation(names: Mapping[str, str], sizes: Sizes) -> float:
    return SEGMENTATION


_MEMORY = {
    "index_dataset": _index,
    "extract_features": _extract,
    "select_samples": _select,
    "select_second_step": _second_step,
    "calibrate_labels": _calibrate,
    "train_probe": _probe,
    "tune_backbone": _tune,
    "refine_features": _refine,
    "refine_labelled": _refine,
    "refine_pool": _refine,
    "propagate_labels": _propagate,
    "fit_head": _head,
    "refine_maps": _maps,
    "refine_passing_maps": _maps,
    "train_segmentation_probe": _segmentation,
    "tune_segmenter": _segmentation,
    "fit_segmentation_head": _segmentation,
}
