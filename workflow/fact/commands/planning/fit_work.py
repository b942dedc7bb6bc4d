"""How much work probes and heads are: products of their fits, from labels, classes, views and evaluations.

Evaluations of the objective until L-BFGS has converged are counts of runs at ImageNet's size: 350 for a path
of C, 165 for attention's search and 100 for a last fit. They change little with the size.
"""

from collections.abc import Mapping
from math import ceil, inf

from fact.commands.planning.sizes import Sizes
from fact.config.settings import probe_settings
from fact.training.heads.spec import HeadSpec, read_head_spec
from fact.training.heads.transform import TRANSFORMS

PATH = 350
ATTENTION = 165
FIT = 100
# structures without attention that `auto` tries
PLAIN_STRUCTURES = 3


def probe_parts(names: Mapping[str, str], sizes: Sizes) -> dict[str, float]:
    """Return steps of SGD, or products and variables of a converged fit."""
    settings = probe_settings(sizes.config, names["dataset"], names["backbone"], probe=names["probe"])
    labelled = sizes.labelled(names)
    if settings["kind"] == "sgd":
        # on vectors a step takes as long whatever its batch
        training = settings["training"]
        return {"steps": training["epochs"] * ceil(labelled / training["batch_size"])}
    paths = len(TRANSFORMS) if settings.get("transform") == "cv" else 1
    searched = paths * settings["folds"] * PATH if settings["C"] == "cv" else 0
    classes, width = sizes.counts(names["dataset"]).classes, sizes.backbone(names["backbone"]).pooled
    return _linear(searched + FIT, labelled, classes * width)


def fit_parts(names: Mapping[str, str], sizes: Sizes) -> dict[str, float]:
    """Return values of tokens, products and variables of a head of phase 3, the search included."""
    spec = read_head_spec(sizes.config.heads[names["head"]])
    labelled, row = sizes.labelled(names), sizes.backbone(names["backbone"])
    height, width, channels = row.tokens or (1, 1, row.pooled)
    copies = 1 + (spec.frofa.views if max(spec.frofa.strengths) > 0 else 0)
    classes = sizes.counts(names["dataset"]).classes
    weights = classes * channels
    if spec.pool:
        return _linear(FIT, labelled + spec.pool.per_class * classes, classes * row.pooled)
    fitted = _linear(_paths(spec) * spec.folds * PATH + FIT, labelled * copies, weights)
    if spec.kind == "lr" or spec.pulls == (inf,):
        return fitted
    attended = _attention(spec, copies) * labelled * height * width * channels
    return {**fitted, "values": attended}


def _paths(spec: HeadSpec) -> int:
    """Return how often a path of C is followed in every fold."""
    if not spec.open:
        return 0
    strengths, transforms = len(spec.frofa.strengths), len(spec.transforms)
    return PLAIN_STRUCTURES * transforms + strengths if spec.kind == "auto" else strengths * transforms


def _attention(spec: HeadSpec, copies: int) -> float:
    """Return evaluations with attention, in passes over the labelled images' own tokens."""
    strengths = len(spec.frofa.strengths)
    if spec.kind == "auto":
        # all pulls without FroFA, then the best of them with each strength
        return ATTENTION + copies * (FIT + (strengths - 1) * ATTENTION / max(1, len(spec.pulls) - 1))
    return copies * (FIT + (strengths * ATTENTION if spec.open else 0))


def _linear(evaluations: int, rows: int, weights: int) -> dict[str, float]:
    return {"products": float(evaluations * rows * weights), "variables": float(evaluations * weights)}
