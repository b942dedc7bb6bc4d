"""How much work a job is, in units that its seconds are proportional to."""

from math import ceil

from fact.commands.planning.jobs import Job
from fact.commands.planning.segmentation_work import SEGMENTATION
from fact.commands.planning.sizes import Sizes
from fact.config.settings import evaluation_epochs, probe_settings, recipe_settings

# images of one label with pseudo-labels: itself, and up to two more
PSEUDO = 3
# rules that ask for a GPU
GPU = (
    "pretrain_backbone",
    "extract_features",
    "extract_patterns",
    "tune_backbone",
    "refine_features",
    "fit_head",
    "refine_maps",
    "train_segmentation_probe",
    "tune_segmenter",
    "fit_segmentation_head",
    "measure_distortion",
    "validate_recipe",
    "train_model",
    "score_model",
    "estimate_model",
)


def job_work(job: Job, sizes: Sizes) -> dict[str, float]:
    """Return units of each phase: images trained on, evaluated or extracted, steps of SGD, pool images ×
    picks.

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
    settings = probe_settings(sizes.config, names["dataset"], names["backbone"], probe=names["probe"])
    if settings["kind"] != "sgd":
        return {"train": sizes.labelled(names)}
    # steps: on vectors a step takes as long whatever its batch
    training = settings["training"]
    return {"train": training["epochs"] * ceil(sizes.labelled(names) / training["batch_size"])}


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


def _head(names: dict[str, str], sizes: Sizes) -> dict[str, float]:
    return {"train": sizes.labelled(names), "evaluate": sizes.counts(names["dataset"]).test}


_COUNTS = {
    "extract_features": _extract,
    "select_samples": _select,
    "select_second_step": _select,
    "train_probe": _probe,
    "tune_backbone": _tune,
    "refine_features": _refine,
    "fit_head": _head,
    **SEGMENTATION,
}
