"""What a job of classification has to compute, in units that a machine has a rate for.

Work of the phases in :mod:`fact.commands.planning.work` is for rates that were measured on such a job. Here
it is taken apart into what hardware does (operations, images, values of tokens), so that a plan needs no run
before it.
"""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import NamedTuple

from fact.commands.planning.fit_work import fit_parts, probe_parts
from fact.commands.planning.jobs import Job
from fact.commands.planning.sizes import Sizes
from fact.config.settings import (
    calibration_settings,
    decodes_test,
    evaluation_epochs,
    keeps_refined,
    recipe_settings,
    selector_settings,
)

# forward and backward pass together, in forward passes
TRAINED = 3
# images of one label with pseudo-labels: itself, and up to two more
PSEUDO = 3
# operations of a forward pass for each parameter and token: a product and a sum
OPERATIONS = 2


class Parts(NamedTuple):
    """Units by kind: ``serial`` ones take their time in turn, of an entry of ``overlapped`` at once."""

    serial: Mapping[str, float] = {}
    overlapped: Sequence[Mapping[str, float]] = ()


def job_parts(job: Job, sizes: Sizes) -> Parts:
    """Return the work of a job; nothing for a rule whose jobs take their start and little more."""
    count = _PARTS.get(job.rule)
    return count(job.names, sizes) if count else Parts()


def operations(sizes: Sizes, backbone: str) -> float:
    """Return operations of a forward pass of one image, attention's own products left out."""
    return OPERATIONS * sizes.cost(backbone)


def _passed(images: float, sizes: Sizes, names: Mapping[str, str], *, decoded: bool) -> dict[str, float]:
    """Return the work of images that go through a backbone; ``decoded`` where they come as JPEGs."""
    forward = images * operations(sizes, names["backbone"])
    return {"image": images, "forward": forward, **({"decoded": images} if decoded else {})}


def _index(names: Mapping[str, str], sizes: Sizes) -> Parts:
    counts = sizes.counts(names["dataset"])
    return Parts({"decoded": counts.pool + counts.test})


def _decode_test(names: Mapping[str, str], sizes: Sizes) -> Parts:
    return Parts({"decoded": sizes.counts(names["dataset"]).test})


def _extract(names: Mapping[str, str], sizes: Sizes) -> Parts:
    counts = sizes.counts(names["dataset"])
    images = counts.pool if names["split"] == "pool" else counts.test
    return Parts(overlapped=[_passed(images, sizes, names, decoded=True)])


def _select(names: Mapping[str, str], sizes: Sizes) -> Parts:
    own = selector_settings(sizes.config, names["dataset"], names["selector"])
    module, given = own["module"], own["params"]
    pool, picks = sizes.counts(names["dataset"]).pool, sizes.labelled(names)
    compared = min(pool, given.get("subset") or pool) * (pool if module == "probcover" else picks)
    repeated = given.get("iterations", 100) / 100 if module in ("activeft", "bilaf") else 1.0
    return Parts({f"select {module}": compared * sizes.backbone(names["backbone"]).pooled * repeated})


def _calibrate(names: Mapping[str, str], sizes: Sizes) -> Parts:
    given = calibration_settings(sizes.config, names["dataset"], names["calibration"])["params"]
    counts, width = sizes.counts(names["dataset"]), sizes.backbone(names["backbone"]).pooled
    sample = min(counts.pool, (given.get("sample") or counts.pool) * counts.classes)
    clusters = sample * counts.classes * width * given.get("restarts", 10)
    return Parts({"clusters": clusters, "neighbours": counts.pool * sizes.labelled(names) * width})


def _probe(names: Mapping[str, str], sizes: Sizes) -> Parts:
    return Parts(probe_parts(names, sizes))


def _tune(names: Mapping[str, str], sizes: Sizes) -> Parts:
    dataset, backbone = names["dataset"], names["backbone"]
    settings = recipe_settings(
        sizes.config, dataset, backbone, recipe=names["recipe"], budget=names["budget"]
    )
    images = sizes.labelled(names) * (PSEUDO if settings.get("pseudo") else 1)
    scored = len(evaluation_epochs(settings, sizes.config.run["history"]))
    tested = sizes.counts(dataset).test * scored
    trained = images * settings["epochs"] * TRAINED * operations(sizes, backbone)
    kind = "trained fp32" if settings["precision"] == "fp32" else "trained"
    steps = settings["epochs"] * ceil(images / settings["batch_size"])
    evaluated = _passed(tested, sizes, names, decoded=not decodes_test(sizes.config, dataset))
    return Parts({"decoded": images, "steps": steps, kind: trained}, [evaluated])


def _refine_labelled(names: Mapping[str, str], sizes: Sizes) -> Parts:
    return Parts(overlapped=[_passed(sizes.labelled(names), sizes, names, decoded=True)])


def _refine(names: Mapping[str, str], sizes: Sizes) -> Parts:
    images = sizes.labelled(names) + sizes.counts(names["dataset"]).test
    return Parts(overlapped=[_passed(images, sizes, names, decoded=True)])


def _refine_pool(names: Mapping[str, str], sizes: Sizes) -> Parts:
    return Parts(overlapped=[_passed(sizes.refined_pool(names), sizes, names, decoded=True)])


def _propagate(names: Mapping[str, str], sizes: Sizes) -> Parts:
    images, width = sizes.refined_pool(names), sizes.backbone(names["backbone"]).pooled
    # an image looks into 16 of 4 √N lists, and at their centres
    compared = images * 8 * images**0.5 * width
    return Parts({"neighbours": compared, "spread": float(images * sizes.counts(names["dataset"]).classes)})


def _head(names: Mapping[str, str], sizes: Sizes) -> Parts:
    dataset, fitted = names["dataset"], fit_parts(names, sizes)
    if keeps_refined(sizes.config, dataset):
        return Parts(fitted)
    decoded = not decodes_test(sizes.config, dataset)
    return Parts(fitted, [_passed(sizes.counts(dataset).test, sizes, names, decoded=decoded)])


_PARTS = {
    "index_dataset": _index,
    "decode_test": _decode_test,
    "extract_features": _extract,
    "select_samples": _select,
    "select_second_step": _select,
    "calibrate_labels": _calibrate,
    "train_probe": _probe,
    "tune_backbone": _tune,
    "refine_features": _refine,
    "refine_labelled": _refine_labelled,
    "refine_pool": _refine_pool,
    "propagate_labels": _propagate,
    "fit_head": _head,
}
