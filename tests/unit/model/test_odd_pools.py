"""Odd pools in phase 3: what docs/pool.md says of each, from the surest images to the head."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from fact.infra.errors import ArtifactError
from fact.model.pool_part import surest_images
from fact.training.heads.fit import LabelledFeatures, fit_head
from fact.training.heads.head import Head
from fact.training.heads.pool_fit import PoolImages
from fact.training.heads.spec import HeadSpec, read_head_spec
from fact.training.propagation.propagate import PropagationSpec

SPEC = PropagationSpec()
SHARE = {
    "propagation": "graph",
    "per_class": 20,
    "weight": 1.0,
    "C": 10.0,
    "least_power": 0.5,
    "classes": "equal",
}
PLAIN = {"kind": "auto", "C": "cv", "C_grid": [1.0, 100.0], "folds": 3, "fallback_C": 10.0}
CENTRES = 3 * np.eye(3, 16)


def clusters(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Vectors around three centres, and their classes."""
    classes = np.arange(count) % 3
    noise = np.random.default_rng(seed).standard_normal((count, 16))
    return (CENTRES[classes] + noise).astype(np.float32), classes


def labelled(count: int = 12, num_classes: int = 3) -> LabelledFeatures:
    vectors, classes = clusters(count, 0)
    names = [str(row) for row in range(count)]
    labels = torch.from_numpy(classes)
    return LabelledFeatures(torch.from_numpy(vectors), None, labels, names, num_classes=num_classes)


def probe(features: LabelledFeatures) -> Head:
    return fit_head(features, HeadSpec("lr", C=1.0), 0)[0]


def surest(features: LabelledFeatures, vectors: np.ndarray) -> PoolImages:
    return surest_images(features, vectors, probe(features), SPEC, per_class=20)


def heads(features: LabelledFeatures, vectors: np.ndarray) -> tuple[Head, Head, dict]:
    """The head without the pool, that with it, and the report of the latter."""
    alone, _ = fit_head(features, read_head_spec(PLAIN), 0)
    found, report = fit_head(
        features, read_head_spec({**PLAIN, "pool": SHARE}), 0, pool=surest(features, vectors)
    )
    return alone, found, report


def accuracy(head: Head, vectors: np.ndarray, classes: np.ndarray) -> float:
    return float((head.logits(torch.from_numpy(vectors)).argmax(1).numpy() == classes).mean())


def drawn(kind: str, count: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Vectors of unit noise in 16 channels, and classes.

    ``overlapping``: around three centres; ``told``: by the largest of three channels; ``nothing``: at random.
    """
    vectors, classes = random.standard_normal((count, 16)), random.permutation(np.arange(count) % 3)
    if kind == "overlapping":
        vectors += CENTRES[classes]
    return vectors.astype(np.float32), vectors[:, :3].argmax(1) if kind == "told" else classes


def accuracies(kind: str, seed: int) -> tuple[float, float]:
    """Accuracy on 1,000 images without a pool and with one of 300, of a head on 12 labels."""
    random = np.random.default_rng(seed)
    vectors, classes = drawn(kind, 12, random)
    names, labels = [str(row) for row in range(12)], torch.from_numpy(classes)
    features = LabelledFeatures(torch.from_numpy(vectors), None, labels, names, num_classes=3)
    alone, found, _ = heads(features, drawn(kind, 300, random)[0])
    test = drawn(kind, 1000, random)
    return accuracy(alone, *test), accuracy(found, *test)


@pytest.mark.parametrize(
    ("kind", "least", "most"), [("nothing", -0.03, 0.03), ("told", 0.05, 0.3), ("overlapping", -0.15, 0.05)]
)
def test_what_the_pool_is_worth_on_made_up_vectors(kind: str, least: float, most: float) -> None:
    alone, found = np.mean([accuracies(kind, seed) for seed in range(8)], axis=0)
    print(f"{kind}: {100 * alone:.1f} % without the pool, {100 * found:.1f} % with it")
    assert least < found - alone < most


def test_a_graph_that_says_too_little_leaves_the_head_as_it_is() -> None:
    features = labelled()
    weak = replace(surest(features, clusters(300, 1)[0]), power=0.49)
    alone, _ = fit_head(features, read_head_spec(PLAIN), 0)
    found, report = fit_head(features, read_head_spec({**PLAIN, "pool": SHARE}), 0, pool=weak)
    assert report["pool_images"] == 0
    assert torch.equal(found.logits(features.pooled), alone.logits(features.pooled))


def test_no_image_is_taken_for_a_class_without_a_label() -> None:
    features = labelled(num_classes=4)
    found = surest(features, clusters(300, 1)[0])
    assert set(found.labels.tolist()) == {0, 1, 2}
    head = heads(features, clusters(300, 1)[0])[1]
    assert head.logits(features.pooled).shape == (12, 4)
    assert (head.logits(torch.from_numpy(clusters(300, 2)[0])).argmax(1) < 3).all()


@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_pool_smaller_than_the_neighbours_of_an_image(count: int) -> None:
    features = labelled(3)
    found = surest(features, clusters(count, 1)[0])
    assert len(found.labels) == count and torch.isfinite(found.probabilities).all()
    assert accuracy(heads(features, clusters(count, 1)[0])[1], *clusters(600, 9)) > 0.5


def test_more_copies_of_an_image_than_it_has_neighbours_have_one_label() -> None:
    features, vectors = labelled(), clusters(9, 1)[0]
    found = surest(features, np.repeat(vectors, 3 * SPEC.neighbours, axis=0))
    assert torch.isfinite(found.probabilities).all()
    which = torch.cdist(found.pooled, torch.from_numpy(vectors)).argmin(1)
    for image in which.unique():
        assert len(found.labels[which == image].unique()) == 1


def test_copies_of_the_labelled_images_have_their_labels() -> None:
    features = labelled()
    copies = np.repeat(features.pooled.numpy(), 4, axis=0)
    found = surest(features, copies)
    nearest = torch.cdist(found.pooled, features.pooled).argmin(1)
    assert torch.equal(features.labels[nearest], found.labels)


def test_a_pool_of_one_image_many_times() -> None:
    features = labelled()
    same = np.repeat(clusters(1, 1)[0], 100, axis=0)
    found = surest(features, same)
    assert len(set(found.labels.tolist())) == 1 and torch.isfinite(found.probabilities).all()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_vectors_that_are_not_finite_are_an_error_with_a_remedy(value: float) -> None:
    vectors = clusters(30, 1)[0]
    vectors[4, 2] = value
    with pytest.raises(ArtifactError, match="NaN or infinity; extract them again"):
        surest(labelled(), vectors)
