"""Long tails: exact sizes on the real class sizes, by labels alone, and the two sources in miniature."""

from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from cifar_copies import write_cifar100, write_copy
from fact.data.contract import build_index, load_source
from fact.data.long_tail import LongTail, long_tail_sizes
from fact.data.manifest import Counts, write_manifest
from fact.data.sources import cifar10, cifar10_lt, cifar100_lt

POOL10 = [5000, 2997, 1796, 1077, 645, 387, 232, 139, 83, 50]
TEST10 = [1000, 599, 359, 215, 129, 77, 46, 27, 16, 10]


def some_labels(classes: int, each: int) -> np.ndarray:
    return np.random.default_rng(0).permutation(np.repeat(np.arange(classes), each))


@pytest.mark.parametrize(
    ("classes", "pool", "test", "expected"),
    [(10, 5000, 1000, (12_406, 2_478)), (100, 500, 100, (10_847, 2_131))],
)
def test_the_published_numbers_of_images(
    classes: int, pool: int, test: int, expected: tuple[int, int]
) -> None:
    tail = LongTail(100, "imbalanced", 0)
    kept = [
        len(tail.keep(some_labels(classes, each), split)) for split, each in (("pool", pool), ("test", test))
    ]
    assert tuple(kept) == expected
    assert tail.counts(classes, pool, test) == Counts(classes, *expected)


def test_sizes_of_each_class() -> None:
    labels = some_labels(10, 5000)
    assert np.bincount(labels[LongTail(100, "imbalanced", 0).keep(labels, "pool")]).tolist() == POOL10
    assert long_tail_sizes(10, 1000, 100) == TEST10
    totals = [sum(long_tail_sizes(10, 5000, ratio)) for ratio in (10, 20, 50, 100, 200)]
    assert totals == [20431, 17023, 13996, 12406, 11203]


def test_a_balanced_test_set_is_whole() -> None:
    labels, tail = some_labels(100, 100), LongTail(100, "balanced", 0)
    assert tail.keep(labels, "test").tolist() == list(range(10_000))
    assert tail.counts(100, 500, 100) == Counts(100, 10_847, 10_000)


def test_what_is_kept_depends_on_the_seed_and_nests_over_ratios() -> None:
    labels = some_labels(10, 50)
    kept = {
        (ratio, seed): set(LongTail(ratio, "imbalanced", seed).keep(labels, "pool"))
        for ratio in (1, 10, 50)
        for seed in (0, 1)
    }
    assert kept[1, 0] == set(range(500))
    assert kept[50, 0] < kept[10, 0] and kept[10, 0] != kept[10, 1]


def test_the_draw_is_uniform_within_a_class() -> None:
    labels = np.repeat(np.arange(2), 20)
    draws = [LongTail(2, "imbalanced", seed).keep(labels, "pool") for seed in range(400)]
    times = np.bincount(np.concatenate(draws), minlength=40)
    assert (times[:20] == 400).all()
    # 10 of 20, 400 times: binomial with mean 200 and deviation 10
    assert abs(times[20:] - 200).max() < 45


@pytest.mark.parametrize(
    ("imbalance", "balance", "message"),
    [(0.5, "imbalanced", "imbalance: 0.5 is below 1"), (100, "even", "test_balance: 'even' is not one of")],
)
def test_settings_that_are_none(imbalance: float, balance: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        LongTail(imbalance, balance, 0)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 0, 1], "pool: classes of 1 to 2 images"),
        ([0, -1], "images without one"),
        ([], "images without one"),
    ],
)
def test_classes_of_other_sizes_are_refused(labels: list[int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        LongTail(100, "imbalanced", 0).keep(labels, "pool")


@pytest.mark.parametrize(
    ("source", "write", "pool", "test"),
    [(cifar10_lt, write_copy, (10, 10), (10, 2)), (cifar100_lt, write_cifar100, (100, 5), (100, 2))],
)
def test_sources_in_miniature(
    source: ModuleType, write: object, pool: tuple[int, int], test: tuple[int, int], tmp_path: Path
) -> None:
    write(tmp_path)  # type: ignore[operator]
    rows = source.index(tmp_path, imbalance=4).rows
    sizes = rows.groupby(["split", "label"]).size()
    assert sizes["pool"].to_list() == long_tail_sizes(*pool, 4)
    assert sizes["test"].to_list() == [size for size in long_tail_sizes(*test, 4) if size]
    balanced = source.index(tmp_path, imbalance=4, test_balance="balanced").rows
    assert (balanced["split"] == "test").sum() == test[0] * test[1]
    assert (balanced["split"] == "pool").sum() == (rows["split"] == "pool").sum()
    row = rows.iloc[3]
    assert source.read_image(tmp_path, row["locator"], row["sha256"]).shape == (32, 32, 3)


def test_samples_have_the_names_of_the_balanced_source(tmp_path: Path) -> None:
    write_copy(tmp_path)
    tail, whole = cifar10_lt.index(tmp_path, imbalance=4).rows, cifar10.index(tmp_path).rows
    merged = tail.merge(whole, how="left")
    assert len(merged) == len(tail) and merged["sha256"].equals(tail["sha256"])


def test_the_configured_options_reach_the_source(tmp_path: Path) -> None:
    write_copy(tmp_path)
    options = {"imbalance": 4, "test_balance": "balanced", "tail_seed": 1}
    index = build_index(load_source("cifar10_lt"), tmp_path, options, workers=1)
    assert (index.rows["split"] == "test").sum() == 20
    write_manifest(tmp_path / "out", index)
    with pytest.raises(ValueError, match="cifar10_lt has no option 'pool_limit'"):
        build_index(load_source("cifar10_lt"), tmp_path, {"pool_limit": 4}, workers=1)
