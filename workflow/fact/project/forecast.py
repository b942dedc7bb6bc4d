"""About how long a project's model will take to train, from how fast its features were extracted here."""

import json
import os
import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from fact.config.declared import FROZEN, Config
from fact.config.paths import LOGS, WEIGHTS
from fact.config.settings import VALIDATION_SHARES, model_candidates, model_phases, model_pool
from fact.data.manifest import read_manifest
from fact.infra.process.gpus import visible_gpus
from fact.project.folder import Project

LINE = re.compile(r"(\d\d):(\d\d):(\d\d) pool features: (\d+) of \d+")
DAY = 24 * 60 * 60
# a forward and a backward pass, in forward passes
TRAINED = 3
# starts of processes, heads and exports on two quiet cores
OVERHEAD = 40.0
# cores that the extraction of features used
CORES = 2


class Amounts(NamedTuple):
    """Numbers of images: with a label, in the pool, and all, test images among them."""

    labelled: int
    pool: int
    everything: int


class Forecast(NamedTuple):
    """Seconds to a model, and without recipes; the latter is None where none is tried."""

    seconds: float
    frozen: float | None


def forecast(project: Project, labelled: int, cores: str) -> Forecast | None:
    """Return how long a model of ``labelled`` images takes; None where no log tells how fast the machine is.

    ``cores``: those of Snakemake, a number or ``all``.
    """
    splits = read_manifest(project.index / "manifest.parquet")["split"]
    amounts = Amounts(labelled, int((splits == "pool").sum()), len(splits))
    cell, config = project.cell, project.config
    log = project.folder / LOGS / "extract_features" / cell.dataset / cell.backbone / "pool.log"
    seconds = seconds_per_image(log, config.run["batch_size"], amounts.pool)
    if seconds is None:
        return None
    weights = project.folder / WEIGHTS.format(backbone=cell.backbone) / "model.safetensors"
    names = tried_recipes(config, cell.backbone, linear=has_linear_layers(weights))
    frozen = OVERHEAD + seconds * (amounts.everything - labelled)
    if not names:
        return Forecast(frozen, None)
    recipes = [model_phases(config, cell.dataset, cell.backbone, candidate=name)["recipe"] for name in names]
    images = images_of_recipes(config, [recipe["epochs"] for recipe in recipes], amounts, jobs_at_once(cores))
    return Forecast(frozen + seconds * images, frozen)


def seconds_per_image(log: Path, batch_size: int, images: int) -> float | None:
    """Return what the frozen backbone takes for one of ``images`` of the pool; None without two lines of log.

    The clock of the log may pass midnight.
    """
    text = log.read_text("utf-8", "replace") if log.is_file() else ""
    found = [tuple(map(int, line)) for line in LINE.findall(text)]
    done = [min(batches * batch_size, images) for *_, batches in found]
    if not done or done[-1] <= done[0]:
        return None
    clock = [3600 * hours + 60 * minutes + seconds for hours, minutes, seconds, _ in found]
    return sum((after - before) % DAY for before, after in pairwise(clock)) / (done[-1] - done[0])


def tried_recipes(config: Config, backbone: str, *, linear: bool) -> list[str]:
    """Return the recipes that are trained: on convolutions alone no LoRA beside full finetuning."""
    names = [name for name in model_candidates(config, backbone) if name != FROZEN]
    tuners = {name: config.recipes[name]["tuner"] for name in names}
    skips = not linear and "full" in tuners.values()
    return [name for name in names if not (skips and tuners[name] == "lora")]


def has_linear_layers(weights: Path) -> bool:
    """Return whether a backbone has matrices among its weights, by the header of its file."""
    with weights.open("rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    return any(name.endswith("weight") and len(entry.get("shape", ())) == 2 for name, entry in header.items())


def images_of_recipes(config: Config, epochs: Sequence[int], amounts: Amounts, at_once: int) -> float:
    """Return images through the backbone, one after the other, for recipes of so many ``epochs``.

    Each is trained in every fold, and the dearest once more on all labels; ``at_once``: jobs side by side.
    """
    folds, pool = config.model["folds"], model_pool(config)
    looked_at = min(pool["images"], amounts.pool - amounts.labelled) if pool else 0
    trained = [TRAINED * amounts.labelled * number for number in epochs]
    in_folds = sum((folds - 1) * images + folds * looked_at for images in trained)
    return in_folds / min(at_once, VALIDATION_SHARES * len(epochs)) + max(trained) + looked_at


def jobs_at_once(cores: str) -> int:
    """Return how many jobs run side by side, each as fast as the extraction of features was."""
    count = (os.cpu_count() or 1) if cores == "all" else int(cores)
    return len(visible_gpus()) or max(1, count // CORES)


def forecast_line(found: Forecast) -> str:
    """Return the forecast in one line."""
    line = f"training:  about {about(found.seconds)} on this machine"
    if found.frozen is None:
        return line
    return (
        f"{line}; without recipes, that is with the frozen backbone alone, about {about(found.frozen)} "
        "(model: {recipes: []})"
    )


def about(seconds: float) -> str:
    """Return a time as exact as a forecast can be: minutes, above ten steps of five, then hours."""
    minutes = max(1, round(seconds / 60))
    if minutes > 10:
        minutes = 5 * round(seconds / 300)
    if minutes >= 100:
        hours = round(seconds / 3600)
        return f"{hours} hours"
    return f"{minutes} minute{'s' if minutes > 1 else ''}"
