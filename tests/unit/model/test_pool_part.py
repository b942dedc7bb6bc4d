"""A model's last phase with part of the pool: what it gains, and what it is not told."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from delivered import DEVICE, digits_weights, labelled_digits
from fact.model.phases import Phases, fit_last_phase, fit_phases, labelled_features, logits_of, tune_phases
from fact.model.pool_part import PoolPart, surest_images
from fact.model.validation import PLAIN, POOL, fold_fitter, out_of_fold
from fact.training.computing import Computing
from fact.training.heads.fit import LabelledFeatures
from fact.training.heads.head import pooled_head
from fact.training.heads.linear import LinearHead
from fact.training.heads.spec import read_head_spec
from fact.training.propagation.propagate import PropagationSpec

SHARE = {
    "propagation": "graph",
    "per_class": 20,
    "weight": 1.0,
    "C": 10.0,
    "least_power": 0.5,
    "classes": "equal",
}
HEAD = {"kind": "auto", "C": "cv", "C_grid": [1.0, 100.0], "folds": 3, "fallback_C": 10.0, "pool": SHARE}
PHASES = Phases(None, None, read_head_spec(HEAD), "fp32", 64)
COMPUTING = Computing(DEVICE, 0)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return digits_weights(tmp_path_factory.mktemp("weights"))


def test_the_surest_images_are_of_the_class_that_their_neighbours_have() -> None:
    random = np.random.default_rng(0)
    centres = np.eye(3, 8, dtype=np.float32) * 5
    truth = np.arange(90) % 3
    vectors = (centres[truth] + random.standard_normal((90, 8)) * 0.3).astype(np.float32)
    features = LabelledFeatures(
        torch.from_numpy(centres), None, torch.arange(3), ["a", "b", "c"], num_classes=3
    )
    knows_nothing = pooled_head(LinearHead(torch.zeros(3, 8), torch.zeros(3)))
    found = surest_images(features, vectors, knows_nothing, PropagationSpec(power=1.0), per_class=10)
    assert found.labels.tolist() == [0] * 10 + [1] * 10 + [2] * 10
    nearest = torch.cdist(found.pooled, torch.from_numpy(centres)).argmin(1)
    assert torch.equal(nearest, found.labels)


@pytest.mark.slow
def test_a_frozen_model_gains_from_vectors_of_the_pool(weights: Path) -> None:
    everything = labelled_digits(700)
    few, rest = everything.rows(np.arange(700) < 20), everything.rows(np.arange(700) >= 20)
    tuned = tune_phases(weights, rest, PHASES, COMPUTING)
    pool = PoolPart(PropagationSpec(), vectors=tuned.pooled(rest.scored[:400], DEVICE))
    right = {
        name: (
            logits_of(
                fit_phases(weights, few, PHASES, COMPUTING, part), rest.scored[400:], PHASES, DEVICE
            ).argmax(1)
            == rest.labels[400:]
        ).mean()
        for name, part in {PLAIN: None, POOL: pool}.items()
    }
    assert right[POOL] > right[PLAIN]


@pytest.mark.slow
def test_folds_have_both_kinds_of_heads_and_images_give_what_their_vectors_give(weights: Path) -> None:
    data, rest = labelled_digits(60), labelled_digits(300)
    images = rest.scored[60:]
    tuned = tune_phases(weights, data, PHASES, COMPUTING)
    pools = [
        PoolPart(PropagationSpec(), images=images),
        PoolPart(PropagationSpec(), vectors=tuned.pooled(images, DEVICE)),
    ]
    found = [out_of_fold(3, data, 0, fold_fitter(weights, PHASES, COMPUTING, pool))[0] for pool in pools]
    assert list(found[0]) == [PLAIN, POOL]
    assert not np.array_equal(found[0][PLAIN], found[0][POOL])
    np.testing.assert_allclose(found[0][POOL], found[1][POOL], atol=1e-4)


def test_without_a_share_of_the_pool_a_head_has_no_use_for_it(weights: Path) -> None:
    data = labelled_digits(30)
    phases = replace(
        PHASES, head=read_head_spec({key: value for key, value in HEAD.items() if key != "pool"})
    )
    tuned = tune_phases(weights, data, phases, COMPUTING)
    pool = PoolPart(PropagationSpec(), images=labelled_digits(60).scored[30:])
    with pytest.raises(ValueError, match="share of the pool"):
        fit_last_phase(tuned, labelled_features(tuned, data, DEVICE), COMPUTING, pool)


def test_a_part_without_groups_has_none_of_their_images() -> None:
    vectors = np.arange(6, dtype=np.float32)[:, None]
    part = PoolPart(PropagationSpec(), vectors=vectors, groups=["a", "b", "a", "c", "b", "a"])
    left = part.without({"a", "z"})
    assert left.vectors[:, 0].tolist() == [1, 3, 4] and left.groups == ["b", "c", "b"]
    assert part.without({"a", "b", "c"}) is None and part.without(()) is part
    assert PoolPart(PropagationSpec(), vectors=vectors).without({"a"}).vectors is vectors
