"""How often the interval of a model's estimate holds its accuracy, and how far it is off.

    python tests/benchmarks/interval_coverage.py [--selector activeft] [--labels 50] [--seeds 24]
    python tests/benchmarks/interval_coverage.py --features results/features/DATASET/BACKBONE/pool.h5

Each seed is a project: a selection, out-of-fold predictions, the choice and the estimate, all by the
product's own code, and an audit of 30 images. The truth is the accuracy on all of the pool that is not
labelled. Digits with the embedded ViT, or the pool's features of any labelled dataset that the workflow has
extracted. Two heads on frozen features stand for recipes to choose among, with ``--pool 2000`` a third that
is also fitted on the surest of so many unlabelled images, as models are. Prints one line per project, then
for each figure its mean error with standard error, how many intervals held, and their mean width.
"""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import yaml
from fact.backbones.extraction import extract
from fact.backbones.spec import read_declared
from fact.backbones.weights import fetch_weights, load_backbone
from fact.data.contract import image_reader
from fact.data.images import Resize, read_resized
from fact.data.sources import digits
from fact.features.store import read_features
from fact.model.assessment import Choice, Validated, choose_recipe
from fact.model.audit import audited, draw_strata
from fact.model.estimate import estimate, interval
from fact.model.labelled import LabelledImages
from fact.model.pool_part import PoolPart, surest_images
from fact.model.validation import PLAIN, out_of_fold
from fact.seeds import derive_seed
from fact.selection.contract import load_selector
from fact.training.heads.fit import LabelledFeatures, fit_head
from fact.training.heads.head import Head
from fact.training.heads.spec import HeadSpec, read_head_spec
from fact.training.propagation.propagate import PropagationSpec
from scipy.special import softmax

ROOT = Path(__file__).parents[2]
GRID = [0.1, 1.0, 10.0, 100.0, 1000.0, 10000.0]
HEADS = {
    "cv": {"kind": "lr", "pooling": "pooled", "C": "cv", "C_grid": GRID, "folds": 5, "fallback_C": 100.0},
    "pool": {
        "kind": "auto",
        "transform": "l2sqrt",
        "C": "cv",
        "C_grid": GRID,
        "folds": 5,
        "fallback_C": 10.0,
        "pool": {
            "propagation": "graph",
            "per_class": 100,
            "weight": 1.0,
            "C": 10.0,
            "least_power": 0.5,
            "classes": "shares",
        },
    },
    "C=1": {"kind": "lr", "pooling": "pooled", "C": 1.0, "folds": 5, "fallback_C": 1.0},
}
SPECS = {name: read_head_spec(head) for name, head in HEADS.items()}
FOLDS, AUDIT = 4, 30


class Figure(NamedTuple):
    """An accuracy with its interval."""

    accuracy: float
    low: float
    high: float


def digits_pool() -> tuple[np.ndarray, np.ndarray]:
    """Features (1437, D) of the embedded ViT and labels."""
    declared = yaml.safe_load((ROOT / "config/backbones.yaml").read_text())["backbones"]["vit_digits"]
    rows = digits.index().rows
    rows = rows[rows["split"] == "pool"]
    images = read_resized(image_reader(digits, None, {}), list(rows["locator"]), Resize(16))
    with tempfile.TemporaryDirectory() as folder:
        weights = {**declared, "weights": str(ROOT / declared["weights"])}
        fetch_weights(read_declared("vit_digits", weights), Path(folder))
        backbone, spec = load_backbone(Path(folder))
        parts = extract(backbone, [images], spec, torch.device("cpu"))
        return np.concatenate([pooled for pooled, _ in parts]), rows["label"].to_numpy(np.int64)


def fitted(data: LabelledImages, spec: HeadSpec, seed: int, part: PoolPart | None = None) -> Head:
    """A head on the features that stand for images, and on the surest of the pool if it asks."""
    pooled, labels = torch.from_numpy(data.trained), torch.from_numpy(data.labels)
    features = LabelledFeatures(pooled, None, labels, data.sample_ids, data.num_classes)
    if spec.pool is None or part is None:
        return fit_head(features, spec, seed)[0]
    # without phase 2 a probe says what the pool's images are
    probe = HeadSpec("lr", pooling="pooled", transform="cv", C_grid=spec.C_grid, fallback_C=spec.pool.C)
    head, _ = fit_head(features, probe, derive_seed(seed, "pool"))
    images = surest_images(features, part.vectors, head, part.propagation, spec.pool.per_class)
    # where the graph says too little, the head is fitted on the labelled images alone, here without tokens
    enough = images.power >= spec.pool.least_power
    return fit_head(features, spec if enough else SPECS["cv"], seed, pool=images if enough else None)[0]


def logits(head: Head, features: np.ndarray) -> np.ndarray:
    return head.logits(torch.from_numpy(features), None).numpy()


def chosen(data: LabelledImages, seed: int, part: PoolPart | None) -> Choice:
    """The choice by out-of-fold predictions, the same folds for all heads."""
    found = {
        name: out_of_fold(
            FOLDS,
            data,
            seed,
            lambda train, held, own, spec=spec: {PLAIN: logits(fitted(train, spec, own, part), held.scored)},
        )
        for name, spec in SPECS.items()
        if spec.pool is None or part is not None
    }
    out = {name: row[0][PLAIN] for name, row in found.items()}
    classes = [str(number) for number in range(data.num_classes)]
    return choose_recipe(Validated(out, found["cv"][1], data.labels, classes), derive_seed(seed, "resamples"))


def project(
    pool: np.ndarray, labels: np.ndarray, picks: np.ndarray, seed: int, *, looks_at: int
) -> tuple[float, dict[str, Figure]]:
    """The truth, and what is said: by image, by class, the estimate, and an audit."""
    rest = np.setdiff1d(np.arange(len(pool)), picks)
    names, num_classes = [str(row) for row in picks], int(labels.max()) + 1
    data = LabelledImages(pool[picks], pool[picks], labels[picks], names, num_classes)
    drawn = np.random.default_rng(seed).permutation(rest)[:looks_at]
    part = PoolPart(PropagationSpec(), vectors=pool[drawn]) if looks_at else None
    choice = chosen(data, seed, part)
    head = fitted(data, SPECS[choice.recipe], derive_seed(seed, "head"), part)
    probabilities = softmax(logits(head, pool[rest]).astype(np.float64) / choice.temperature, axis=1)
    right = probabilities.argmax(1) == labels[rest]
    found, images = (
        estimate(choice.measured, probabilities),
        choice.measured.held_out / (1 + FOLDS / (FOLDS - 1)),
    )
    return float(right.mean()), {
        "each image once": Figure(found.by_image, *interval(found.by_image, images)),
        "each class by its share": Figure(found.by_class, *interval(found.by_class, images)),
        "the estimate": Figure(found.accuracy, found.low, found.high),
        f"audit of {AUDIT}": audit(rest, probabilities, labels[rest], seed),
    }


def audit(rest: np.ndarray, probabilities: np.ndarray, truth: np.ndarray, seed: int) -> Figure:
    """What an audit of the product says, all of whose images are labelled."""
    names, classes = [str(row) for row in rest], [str(number) for number in range(probabilities.shape[1])]
    strata = draw_strata(names, probabilities.max(1), AUDIT, seed)
    labels = dict(zip(names, map(str, truth), strict=True))
    predicted = dict(zip(names, map(str, probabilities.argmax(1)), strict=True))
    record = audited(strata, labels, predicted, classes, ignore_missing=False)
    return Figure(record["accuracy"], record["low"], record["high"])


def summary(truths: np.ndarray, figures: Sequence[Figure]) -> str:
    table = np.array(figures)
    errors = 100 * (table[:, 0] - truths)
    held = int(((table[:, 1] <= truths) & (truths <= table[:, 2])).sum())
    width = 100 * (table[:, 2] - table[:, 1]).mean()
    spread = errors.std(ddof=1)
    return (
        f"{100 * table[:, 0].mean():.1f}, error {errors.mean():+.1f} ± {spread / len(errors) ** 0.5:.1f} "
        f"(spread {spread:.1f}), held {held} of {len(errors)}, width {width:.1f}"
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--features", type=Path, help="pool.h5 of a labelled dataset; without it digits")
    options.add_argument("--selector", default="activeft")
    options.add_argument("--labels", type=int, default=50)
    options.add_argument("--seeds", type=int, default=24)
    options.add_argument("--first-seed", type=int, default=0)
    options.add_argument("--pool", type=int, default=0, help="images that a further head looks at; 0: none")
    asked = options.parse_args()
    torch.set_num_threads(1)
    if asked.features:
        file = read_features(asked.features, tokens=False)
        pool, labels = file.features.astype(np.float32), file.labels
    else:
        pool, labels = digits_pool()
    selector = yaml.safe_load((ROOT / "config/selectors.yaml").read_text())["selectors"][asked.selector]
    select = load_selector(selector["module"]).select
    truths, rows = [], []
    for seed in range(asked.first_seed, asked.first_seed + asked.seeds):
        picks = np.asarray(select(pool, asked.labels, seed, **selector["params"]).indices)
        truth, figures = project(pool, labels, picks, seed, looks_at=asked.pool)
        truths.append(truth)
        rows.append(figures)
        ends = figures["the estimate"]
        print(
            f"seed {seed}: truth {truth:.3f}, {ends.accuracy:.3f} [{ends.low:.3f}, {ends.high:.3f}]",
            flush=True,
        )
    where = asked.features or "digits"
    print(f"{where}, {asked.selector}, {asked.labels} labels: truth {100 * np.mean(truths):.1f}")
    for name in rows[0]:
        print(f"{name}: {summary(np.array(truths), [row[name] for row in rows])}")


if __name__ == "__main__":
    main()
