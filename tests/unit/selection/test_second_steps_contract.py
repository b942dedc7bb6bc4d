"""What every second step promises; a new file in second_steps/ is tested here without being named."""

import pkgutil
from pathlib import Path

import fact.selection.second_steps
import numpy as np
import pytest
import yaml
from fact.config.plugin_parameters import parameters
from fact.selection import probabilities as module
from fact.selection.probabilities import Probabilities
from fact.selection.second_step_contract import load_second_step
from pools import clustered_pool

REGISTRY = Path(__file__).parents[3] / "config/selectors.yaml"
STEPS = [
    module.name
    for module in pkgutil.iter_modules(fact.selection.second_steps.__path__)
    if module.name != "contract"
]
FEATURES = clustered_pool(60, 8, 4)
LABELLED = np.array([0, 20, 40], np.int64)


def array(count: int = 60, classes: int = 4) -> np.ndarray:
    logits = 2 * np.random.default_rng(1).standard_normal((count, classes))
    return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


def probabilities(count: int = 60) -> Probabilities:
    return Probabilities.of_array(array(count))


@pytest.fixture(params=STEPS)
def select(request):
    return load_second_step(request.param).select


def test_the_registry_names_all_steps_with_parameters_that_they_have():
    registry = yaml.safe_load(REGISTRY.read_text(encoding="utf-8"))["selectors"]
    steps = [entry for entry in registry.values() if "first" in entry]
    for entry in steps:
        assert set(entry["params"]) <= set(parameters("selection/second_steps", entry["module"]))
    assert {entry["module"] for entry in steps} == set(STEPS)


@pytest.mark.parametrize("budget", [1, 7, 57])
def test_picks_are_distinct_and_not_labelled(select, budget):
    found = select(FEATURES, probabilities(), LABELLED, budget, 0)
    assert found.indices.shape == found.scores.shape == (budget,)
    assert found.indices.dtype == np.int64 and found.scores.dtype == np.float32
    assert len(set(found.indices.tolist())) == budget
    assert not set(found.indices.tolist()) & set(LABELLED.tolist())
    assert np.isfinite(found.scores).all()


def test_the_same_seed_gives_the_same_bytes(select):
    first, again = (select(FEATURES, probabilities(), LABELLED, 9, 5) for _ in range(2))
    assert first.indices.tobytes() == again.indices.tobytes()


def test_copies_and_certainty_still_fill_the_budget(select):
    copies = np.repeat(FEATURES[:2], 30, axis=0)
    sure = Probabilities.of_array(np.tile([1.0, 0, 0, 0], (60, 1)))
    found = select(copies, sure, LABELLED, 57, 0)
    assert sorted(found.indices.tolist()) == sorted(set(range(60)) - set(LABELLED.tolist()))


def test_a_budget_beyond_what_is_left_is_refused(select):
    with pytest.raises(ValueError, match="budget 58 exceeds the pool of 60 images, of which 3 are labelled"):
        select(FEATURES, probabilities(), LABELLED, 58, 0)


@pytest.mark.parametrize("wrong", [2 * array(), np.full((60, 4), np.nan)])
def test_what_are_no_probabilities_is_refused(select, wrong):
    with pytest.raises(ValueError, match="do not add up to 1"):
        select(FEATURES, Probabilities.of_array(wrong), LABELLED, 5, 0)


def test_probabilities_of_another_pool_are_refused(select):
    with pytest.raises(ValueError, match="probabilities of 59 images for 60"):
        select(FEATURES, probabilities(59), LABELLED, 5, 0)


def test_blocks_change_no_pick(select, monkeypatch):
    whole = select(FEATURES, probabilities(), LABELLED, 9, 5)
    monkeypatch.setattr(module, "BLOCK_ELEMENTS", 28)  # 7 rows of 4 classes
    blocks = select(FEATURES, probabilities(), LABELLED, 9, 5)
    assert whole.indices.tobytes() == blocks.indices.tobytes()
    np.testing.assert_allclose(blocks.scores, whole.scores, rtol=1e-6)


def test_an_unknown_step_is_refused():
    with pytest.raises(ValueError, match="no second step 'best'"):
        load_second_step("best")
