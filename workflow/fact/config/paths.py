"""Paths of the results: the only place where they are spelled.

Names in braces are wildcards: rules write ``f"{paths.RUN}/score.json"``, the library fills the same patterns.
Snakemake's own path variables would lose the constraints of the wildcards inside them (Snakemake 9.27).
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from fact.infra.errors import ConfigError

RESULTS = "results"
PLACE = "{dataset}/{backbone}"
CELL = f"{PLACE}/{{selector}}/{{budget}}/seed{{seed}}"

SOURCE = f"{RESULTS}/sources/{{dataset}}"
DATASET = f"{RESULTS}/datasets/{{dataset}}"
WEIGHTS = f"{RESULTS}/weights/{{backbone}}"
FEATURES = f"{RESULTS}/features/{PLACE}"
GROUPS = f"{DATASET}/groups.csv"
ODD_IMAGES = f"{DATASET}/odd_images.html"
DECODED = f"{DATASET}/decoded/{{backbone}}.h5"
TEXTS = f"{RESULTS}/texts/{{dataset}}/{{selector}}"
SELECTION = f"{RESULTS}/selections/{CELL}"
RUN = f"{RESULTS}/runs/{CELL}"
PROBE = f"{RUN}/probe/{{probe}}"
RECIPE = f"{RUN}/{{recipe}}"
REFINED_POOL = f"{RECIPE}/refined_pool.h5"
PROPAGATED = f"{RECIPE}/propagated/{{propagation}}"
HEAD = f"{RECIPE}/{{head}}"
PSEUDO = f"{RUN}/pseudo/{{calibration}}"
MODEL = f"{RESULTS}/models/{PLACE}"
POOL_IMAGES = f"{MODEL}/pool_images.h5"
VALIDATION = f"{MODEL}/validation/{{candidate}}-{{share}}.safetensors"
POOL_PREDICTIONS = "pool_predictions.parquet"
# in the folder of an audit: the images that were drawn, and their labels
AUDIT_DRAW, AUDIT_LABELS = "draw.csv", "labels.csv"
SCORES = f"{RESULTS}/scores/{{table}}"
TABLE = f"{RESULTS}/tables/{{table}}"
# a table of the scores that there are
SO_FAR = "-so-far"
FIGURE = f"{RESULTS}/figures/{{table}}"
PANELS = f"{FIGURE}-{{dataset}}-panels"
SELECTORS = f"{RESULTS}/tables/selectors"
DISTORTION_TABLE = f"{RESULTS}/tables/distortion"
DISTORTION_FIGURE = f"{RESULTS}/figures/distortion"
PAGE = f"{RESULTS}/report/index.html"
PICTURES = f"{RESULTS}/report/pictures/{{dataset}}.parquet"
LOGS = f"{RESULTS}/logs"


class Cell(NamedTuple):
    """One selection and what is trained on it."""

    dataset: str
    backbone: str
    selector: str
    budget: str
    seed: int


def fill(pattern: str, cell: Cell, **names: str) -> str:
    """Return the path of a pattern for a cell and further names."""
    return pattern.format(**cell._asdict(), **names)


def selection_path(cell: Cell, suffix: str = "csv") -> str:
    """Return the selection of a cell, or a file beside it that ends otherwise."""
    return f"{fill(SELECTION, cell)}.{suffix}"


def run_folder(cell: Cell) -> str:
    """Return the folder of a selection's trainings."""
    return fill(RUN, cell)


def method_folder(method: Mapping[str, str]) -> str:
    """Return where a method's last stage writes, inside the run folder."""
    if method.get("probe"):
        return f"probe/{method['probe']}"
    return "/".join(part for part in (method["recipe"], method.get("head")) if part)


def model_folder(dataset: str, backbone: str) -> str:
    """Return where the model of a dataset's labels lies."""
    return MODEL.format(dataset=dataset, backbone=backbone)


def path_regex(pattern: str) -> str:
    """Return a regular expression that reads the names of a pattern out of a path below the results."""
    below = re.escape(pattern.removeprefix(f"{RESULTS}/"))
    return re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", below)


def input_path(path: str, here: Path) -> str:
    """Return a configured file as an input of a job: relative where it lies below ``here``.

    Raises ConfigError for braces in what is left, which Snakemake would take for a wildcard.
    """
    given = Path(path)
    name = str(given.relative_to(here)) if given.is_relative_to(here) else path
    if "{" in name or "}" in name:
        raise ConfigError(f"{path} has braces, which Snakemake fills in; rename it, or give a link to it")
    return name
