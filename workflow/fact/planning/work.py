"""How much work a job is, in units that its seconds are proportional to."""

from fact.budget import budget_size
from fact.plan import evaluation_epochs, probe_settings, recipe_settings
from fact.planning.jobs import Job
from fact.planning.sizes import Sizes

# images of one label with pseudo-labels: itself, and up to two more
PSEUDO = 3
GPU = ("extract_features", "tune_backbone", "refine_features", "pretrain_backbone")


def job_work(job: Job, sizes: Sizes) -> dict[str, float]:
    """Units of each phase: images trained on, evaluated or extracted; of a selection, pool images × picks.

    Phases have the names of timing.json. A job of a rule without times has none.
    """
    count = _COUNTS.get(job.rule)
    return count(job.names, sizes) if count else {}


def labelled(names: dict[str, str], sizes: Sizes) -> int:
    """Images that a cell's budget buys."""
    return budget_size(names["budget"], sizes.counts(names["dataset"]).pool)


def performer(job: Job) -> str:
    """What decides how long a unit takes, beside the backbone: selector, probe, recipe or head."""
    return next((job.names[key] for key in ("head", "recipe", "probe") if key in job.names), "") or (
        job.names["selector"] if job.rule.startswith("select") else ""
    )


def _extract(names: dict[str, str], sizes: Sizes) -> dict[str, float]:
    counts = sizes.counts(names["dataset"])
    return {"test": counts.pool if names["split"] == "pool" else counts.test}


def _select(names: dict[str, str], sizes: Sizes) -> dict[str, float]:
    return {"selection": sizes.counts(names["dataset"]).pool * labelled(names, sizes)}


def _probe(names: dict[str, str], sizes: Sizes) -> dict[str, float]:
    settings = probe_settings(sizes.config, names["dataset"], names["backbone"], names["probe"])
    epochs = settings["training"]["epochs"] if settings["kind"] == "sgd" else 1
    return {"train": labelled(names, sizes) * epochs}


def _tune(names: dict[str, str], sizes: Sizes) -> dict[str, float]:
    settings = recipe_settings(
        sizes.config, *(names[key] for key in ("dataset", "backbone", "recipe", "budget"))
    )
    images = labelled(names, sizes) * (PSEUDO if settings.get("pseudo") else 1)
    scored = len(evaluation_epochs(settings, sizes.config["run"]["history"]))
    test = sizes.counts(names["dataset"]).test
    return {"decode": images, "train": images * settings["epochs"], "evaluate": test * scored}


def _refine(names: dict[str, str], sizes: Sizes) -> dict[str, float]:
    return {"labelled": labelled(names, sizes), "test": sizes.counts(names["dataset"]).test}


def _head(names: dict[str, str], sizes: Sizes) -> dict[str, float]:
    return {"train": labelled(names, sizes), "evaluate": sizes.counts(names["dataset"]).test}


_COUNTS = {
    "extract_features": _extract,
    "select_samples": _select,
    "select_second_step": _select,
    "train_probe": _probe,
    "tune_backbone": _tune,
    "refine_features": _refine,
    "fit_head": _head,
}
