"""How much work a job is, in units that its seconds are proportional to."""

from collections.abc import Mapping

from fact.commands.planning.fit_work import fit_parts, probe_parts
from fact.commands.planning.jobs import Job
from fact.commands.planning.parts import PSEUDO
from fact.commands.planning.segmentation_work import SEGMENTATION
from fact.commands.planning.sizes import Sizes
from fact.config.settings import evaluation_epochs, recipe_settings

# how much longer a value of a token and a variable of L-BFGS take than a product, on one core
IN_PRODUCTS = {"values": 29.0, "variables": 1000.0}


def job_work(job: Job, sizes: Sizes) -> dict[str, float]:
    """Return units of each phase: images trained on, evaluated or extracted, steps of SGD,
    products of a converged fit, pool images × picks.

    Of segmentation: operations (:mod:`fact.commands.planning.segmentation_work`). Phases have the names of
    timing.json. A job of a rule without times has none.
    """
    count = _COUNTS.get(job.rule)
    return count(job.names, sizes) if count else {}


def speed_of(job: Job) -> str:
    """Return what decides how long a unit takes, beside the backbone: selector, probe, recipe or head."""
    return next((job.names[key] for key in ("head", "recipe", "probe") if key in job.names), "") or (
        job.names["selector"] if job.rule.startswith("select") else ""
    )


def _extract(names: dict[str, str], sizes: Sizes) -> dict[str, float]:
    counts = sizes.counts(names["dataset"])
    return {"test": counts.pool if names["split"] == "pool" else counts.test}


def _select(names: dict[str, str], sizes: Sizes) -> dict[str, float]:
    return {"selection": sizes.counts(names["dataset"]).pool * sizes.labelled(names)}


def _probe(names: dict[str, str], sizes: Sizes) -> dict[str, float]:
    return {"train": _as_products(probe_parts(names, sizes))}


def _tune(names: dict[str, str], sizes: Sizes) -> dict[str, float]:
    settings = recipe_settings(
        sizes.config, *(names[key] for key in ("dataset", "backbone", "recipe", "budget"))
    )
    images = sizes.labelled(names) * (PSEUDO if settings.get("pseudo") else 1)
    scored = len(evaluation_epochs(settings, sizes.config.run["history"]))
    test = sizes.counts(names["dataset"]).test
    return {"decode": images, "train": images * settings["epochs"], "evaluate": test * scored}


def _refine(names: dict[str, str], sizes: Sizes) -> dict[str, float]:
    return {"labelled": sizes.labelled(names), "test": sizes.counts(names["dataset"]).test}


def _refine_labelled(names: dict[str, str], sizes: Sizes) -> dict[str, float]:
    return {"labelled": sizes.labelled(names)}


def _refine_pool(names: dict[str, str], sizes: Sizes) -> dict[str, float]:
    return {"pool": sizes.refined_pool(names)}


def _propagate(names: dict[str, str], sizes: Sizes) -> dict[str, float]:
    return {"propagate": sizes.refined_pool(names) ** 1.5}


def _head(names: dict[str, str], sizes: Sizes) -> dict[str, float]:
    fitted = _as_products(fit_parts(names, sizes))
    return {"train": fitted, "evaluate": sizes.counts(names["dataset"]).test}


def _as_products(parts: Mapping[str, float]) -> float:
    """Return steps of SGD as they are; of a converged fit, all of it in products' time."""
    return sum(IN_PRODUCTS.get(part, 1.0) * count for part, count in parts.items())


_COUNTS = {
    "extract_features": _extract,
    "select_samples": _select,
    "select_second_step": _select,
    "train_probe": _probe,
    "tune_backbone": _tune,
    "refine_features": _refine,
    "refine_labelled": _refine_labelled,
    "refine_pool": _refine_pool,
    "propagate_labels": _propagate,
    "fit_head": _head,
    **SEGMENTATION,
}
