"""FreeSel: patterns decide, not pooled features; draws follow squared distances."""

import numpy as np
import pytest
from fact.selection.selectors.freesel import PatternDistances, select
from pools import clustered_pool


@pytest.fixture(scope="module")
def patterns():
    return np.random.default_rng(0).standard_normal((40, 3, 8)).astype(np.float32)


def pooled(patterns: np.ndarray) -> np.ndarray:
    return np.ones((len(patterns), 5), np.float32)


def cosine_distances(patterns: np.ndarray, taken: list[int]) -> np.ndarray:
    """In float64, pattern by pattern."""
    unit = patterns.astype(np.float64)
    unit /= np.linalg.norm(unit, axis=2, keepdims=True)
    own = unit[taken].reshape(-1, unit.shape[2])
    return np.array([[min(1 - row @ other for other in own) for row in image] for image in unit])


def test_distances_are_to_the_nearest_pattern_of_any_image_taken(patterns):
    distances = PatternDistances(patterns)
    for row in (7, 31, 2):
        distances.take(row)
    expected = cosine_distances(patterns, [7, 31, 2])
    expected[[7, 31, 2]] = 0
    assert np.allclose(distances.nearest, expected, atol=1e-6)
    assert distances.free.tolist() == [row for row in range(40) if row not in (7, 31, 2)]


def test_farthest_takes_the_image_of_the_farthest_pattern(patterns):
    picks = select(pooled(patterns), 12, seed=3, patterns=patterns, sampling="farthest")
    for rank in range(1, 12):
        expected = cosine_distances(patterns, picks.indices[:rank].tolist())
        expected[picks.indices[:rank]] = 0
        assert picks.indices[rank] == expected.max(axis=1).argmax()
        assert picks.scores[rank] == pytest.approx(expected.max(), abs=1e-6)


def test_draws_follow_the_squared_distance():
    # image 0 is labelled; cosine distances of the others' patterns to it are 0.5 and 1
    angles = np.array([0.0, np.pi / 3, np.pi / 2])
    patterns = np.stack([np.cos(angles), np.sin(angles)], axis=1)[:, None].astype(np.float32)
    labelled = np.array([0])
    draws = [select(pooled(patterns), 1, seed, patterns=patterns, labelled=labelled) for seed in range(2000)]
    share = np.mean([draw.indices[0] == 2 for draw in draws])
    assert share == pytest.approx(1 / 1.25, abs=0.03)


def test_an_image_is_judged_by_all_its_patterns():
    """Image 1 repeats image 0 but for one pattern, image 2 repeats it wholly."""
    shared, own = np.eye(4, dtype=np.float32)[:2], np.eye(4, dtype=np.float32)[2:3]
    patterns = np.stack([shared, np.concatenate([shared[:1], own]), shared])
    picks = select(pooled(patterns), 2, 0, patterns=patterns, labelled=np.array([0]))
    assert picks.indices.tolist() == [1, 2]
    assert picks.scores.tolist() == [1, 0]


def test_without_patterns_the_features_are_one_pattern_an_image():
    features = clustered_pool(50, 6, 4)
    given = select(features, 9, 1, patterns=features[:, None])
    assert np.array_equal(select(features, 9, 1).indices, given.indices)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"sampling": "nearest"}, "sampling 'nearest'"),
        ({"patterns": np.ones((39, 3, 8), np.float32)}, "patterns"),
        ({"patterns": np.ones((40, 8), np.float32)}, "patterns"),
    ],
)
def test_senseless_requests_are_refused(patterns, changes, problem):
    with pytest.raises(ValueError, match=problem):
        select(pooled(patterns), 2, 0, **({"patterns": patterns} | changes))
