"""What a user would write in ten lines, beside the product, on the same frozen features and test images.

    python tests/benchmarks/plain_rival.py results/features/DATASET/BACKBONE --labels 50 250 --seeds 5 \
        [--selections results/selections/DATASET/BACKBONE/activeft]

The rival: K-Means picks, the image nearest to each centre, and scikit-learn's logistic regression with C by
cross-validation, on vectors as they are or of unit norm. Ours on the same images: LR-frozen, and the head
`pool` on frozen vectors, which also looks at the unlabelled pool. ``--selections`` adds the workflow's own
picks. Prints top-1 on the test images, mean and sample standard deviation over seeds, and seconds a fit.
"""

import argparse
import time
import warnings
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import yaml
from fact.data.selection_file import read_selection
from fact.features.store import FeatureSet, read_features
from fact.infra.fields import Settings
from fact.model.pool_part import surest_images
from fact.training.heads.converged import fit_probe, read_settings
from fact.training.heads.fit import LabelledFeatures, fit_head
from fact.training.heads.spec import read_head_spec
from fact.training.propagation.propagate import read_propagation
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegressionCV
from sklearn.metrics import pairwise_distances_argmin

ROOT = Path(__file__).parents[2]


class Task(NamedTuple):
    """Features of the pool and of the test images, the rows that are labelled, and a seed."""

    pool: FeatureSet
    test: FeatureSet
    rows: np.ndarray
    seed: int

    @property
    def classes(self) -> int:
        return int(self.pool.labels.max()) + 1


def entries(kind: str, file: str = "") -> Settings:
    """The shipped entries of a kind."""
    return yaml.safe_load((ROOT / f"config/{file or kind}.yaml").read_text())[kind]


def k_means_picks(features: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Rows nearest to the centres; each once."""
    centres = KMeans(count, n_init=1, random_state=seed).fit(features).cluster_centers_
    return np.unique(pairwise_distances_argmin(centres, features))


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)


def scikit_learn(task: Task, change: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Predictions of the test images."""
    labels = task.pool.labels[task.rows]
    folds = int(np.clip(np.bincount(labels)[np.unique(labels)].min(), 2, 5))
    head = LogisticRegressionCV(Cs=np.logspace(-3, 4, 8), cv=folds, max_iter=5000, random_state=task.seed)
    with warnings.catch_warnings():
        # classes of one label, and a C so large that it does not converge: the rival's own business
        warnings.simplefilter("ignore", category=UserWarning)
        warnings.simplefilter("ignore", category=FutureWarning)
        warnings.simplefilter("ignore", category=ConvergenceWarning)
        head.fit(change(task.pool.features[task.rows]), labels)
    return head.predict(change(task.test.features))


def lr_frozen(task: Task) -> np.ndarray:
    """Predictions of the product's row LR-frozen."""
    head = fit_probe(
        torch.from_numpy(task.pool.features[task.rows]),
        torch.from_numpy(task.pool.labels[task.rows]),
        [task.pool.sample_ids[row] for row in task.rows],
        num_classes=task.classes,
        settings=read_settings(entries("probes", "recipes")["lr"]),
        seed=task.seed,
    )[0]
    return head.logits(torch.from_numpy(task.test.features)).argmax(1).numpy()


def with_pool(task: Task) -> np.ndarray:
    """Predictions of the head `pool` on frozen vectors, as `fact run` fits it."""
    settings = entries("heads")["pool"]
    spec, rest = read_head_spec(settings), np.setdiff1d(np.arange(len(task.pool.labels)), task.rows)
    features = LabelledFeatures(
        torch.from_numpy(task.pool.features[task.rows]),
        None,
        torch.from_numpy(task.pool.labels[task.rows]),
        [task.pool.sample_ids[row] for row in task.rows],
        task.classes,
    )
    probe = read_head_spec({"kind": "lr", "transform": "cv", "C": "cv", "folds": 5, "fallback_C": 10.0})
    first, _ = fit_head(features, probe, task.seed)
    propagation = read_propagation(entries("propagations")[settings["pool"]["propagation"]])
    per_class = settings["pool"]["per_class"]
    pool = surest_images(features, task.pool.features[rest], first, propagation, per_class)
    head, _ = fit_head(features, spec, task.seed, pool=pool)
    return head.logits(torch.from_numpy(task.test.features)).argmax(1).numpy()


FITS: dict[str, Callable[[Task], np.ndarray]] = {
    "scikit-learn, vectors as they are": lambda task: scikit_learn(task, lambda rows: rows),
    "scikit-learn, unit norm": lambda task: scikit_learn(task, unit),
    "LR-frozen": lr_frozen,
    "head `pool` on frozen vectors": with_pool,
}


def measure(task: Task) -> dict[str, tuple[float, float]]:
    """Top-1 and seconds by fit."""
    found = {}
    for name, fit in FITS.items():
        began = time.perf_counter()
        right = float((fit(task) == task.test.labels).mean())
        found[name] = (100 * right, time.perf_counter() - began)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("features", type=Path)
    parser.add_argument("--labels", type=int, nargs="+", default=[50])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--selections", type=Path)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    pool, test = (read_features(asked.features / f"{split}.h5", tokens=False) for split in ("pool", "test"))
    row_of = {name: row for row, name in enumerate(pool.sample_ids)}
    for count in asked.labels:
        table: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
        for seed in range(asked.seeds):
            picks = {"K-Means": k_means_picks(pool.features, count, seed)}
            if asked.selections:
                chosen = read_selection(asked.selections / f"{count}img/seed{seed}.csv")
                picks[asked.selections.name] = np.array([row_of[name] for name in chosen])
            for how, rows in picks.items():
                for name, figures in measure(Task(pool, test, rows, seed)).items():
                    table[how, name].append(figures)
        for (how, name), values in table.items():
            right, seconds = np.array(values).T
            spread = right.std(ddof=1) if len(right) > 1 else float("nan")
            line = f"{count:5} labels, {how:9} {name:34} {right.mean():5.1f} ± {spread:.1f}"
            print(f"{line}   {np.median(seconds):.2f} s", flush=True)


if __name__ == "__main__":
    main()
