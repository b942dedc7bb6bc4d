"""The second step as the configuration asks for it."""

from dataclasses import replace

import numpy as np
import pytest
from fact.features.store import FeatureSet
from fact.infra.errors import ArtifactError
from fact.selection.probabilities import Probabilities
from fact.selection.run_second_step import check_first_step, second_step
from fact.selection.settings import SelectorSettings
from fact.selection.texts.embeddings import TextEmbeddings
from pools import clustered_pool

FEATURES = clustered_pool(30, 6, 3)
EVEN = Probabilities.of_array(np.full((30, 3), 1 / 3))
LABELLED = np.array([1, 2], np.int64)


def pool(labels: np.ndarray) -> FeatureSet:
    return FeatureSet(FEATURES, None, [str(row) for row in range(30)], labels, {})


def test_a_first_part_that_is_the_whole_budget_leaves_nothing() -> None:
    settings = SelectorSettings("entropy", {})
    found = second_step(settings, pool(np.zeros(30, np.int64)), EVEN, LABELLED, 0, 0)
    assert len(found.indices) == len(found.scores) == 0


def test_both_parts_look_at_features_of_one_arithmetic() -> None:
    check_first_step({"features_precision": "fp32"}, {"precision": "fp32"})
    check_first_step({}, {"precision": "bf16"})
    with pytest.raises(ArtifactError, match="features in fp32, and the pool's are in bf16 now; delete"):
        check_first_step({"features_precision": "fp32"}, {"precision": "bf16"})


def test_only_the_oracle_is_told_the_labels_of_the_pool() -> None:
    """With an unlabelled pool the honest mode works and the oracle says what it lacks."""
    unknown = pool(np.full(30, -1))
    honest = SelectorSettings("vecaf", {"mode": "entropy", "iterations": 5})
    assert len(second_step(honest, unknown, EVEN, LABELLED, 4, 0).indices) == 4
    oracle = SelectorSettings("vecaf", {"mode": "pool_oracle", "iterations": 5})
    with pytest.raises(ValueError, match="needs the label of every pool image"):
        second_step(oracle, unknown, EVEN, LABELLED, 4, 0)
    assert len(second_step(oracle, pool(np.arange(30) % 3), EVEN, LABELLED, 4, 0).indices) == 4


def test_captions_of_the_predicted_class_steer_the_selection() -> None:
    """With a ridge map, for the widths differ; other picks than without captions."""
    sure = np.tile([0.9, 0.05, 0.05], (30, 1))
    sure[17] = [0.05, 0.05, 0.9]
    sure = Probabilities.of_array(sure)
    vectors = np.random.default_rng(0).standard_normal((3, 4)).astype(np.float32)
    params = {"mode": "entropy", "iterations": 5, "eta": 1.0, "noise": 0.0}
    settings = SelectorSettings("vecaf", params, ridge=1e-3)
    labels = np.zeros(30, np.int64)
    labels[LABELLED] = [0, 1]
    found = second_step(settings, pool(labels), sure, LABELLED, 27, 0, texts=TextEmbeddings("class", vectors))
    assert len(set(found.indices.tolist())) == 27
    moved = second_step(settings, pool(labels), sure, LABELLED, 5, 0, texts=TextEmbeddings("class", vectors))
    plain = second_step(replace(settings, ridge=None), pool(labels), sure, LABELLED, 5, 0)
    assert moved.indices.tolist() != plain.indices.tolist()


def test_a_labelled_image_without_a_label_has_the_class_that_the_model_gives_it() -> None:
    vectors = np.random.default_rng(0).standard_normal((3, 4)).astype(np.float32)
    params = {"mode": "entropy", "iterations": 5, "eta": 1.0, "noise": 0.0}
    settings = SelectorSettings("vecaf", params, ridge=1e-3)
    sure = Probabilities.of_array(np.tile([0.9, 0.05, 0.05], (30, 1)))
    texts = TextEmbeddings("class", vectors)
    found = [
        second_step(settings, pool(labels), sure, LABELLED, 5, 0, texts=texts).indices.tolist()
        for labels in (np.full(30, -1), np.zeros(30, np.int64))
    ]
    assert found[0] == found[1]
