"""The grid of C grows where its end is the best of it."""

import torch
from fact.training.heads.along_C import along_C
from fact.training.heads.cross_validation import lowest, validation_fold
from fact.training.heads.labelled_set import LabelledSet
from fact.training.heads.spec import read_head_spec


def data(noise: float) -> LabelledSet:
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(60) % 3
    pooled = torch.eye(6)[labels] + noise * torch.randn(60, 6, generator=generator)
    return LabelledSet(pooled, labels, [str(row) for row in range(60)], 3, offset=None, seed=0)


def strengths(noise: float, **settings: object) -> tuple[list[float], float]:
    spec, labelled = read_head_spec({"kind": "lr", **settings}), data(noise)
    fold = validation_fold(labelled, read_head_spec({"kind": "lr"}))
    tried = along_C("pooled", 0.0, data=labelled, views=None, fold=fold, spec=spec)
    return [candidate.own_C for candidate in tried], lowest(tried).own_C


def test_upwards_until_the_best_lies_inside_or_nothing_changes_any_more() -> None:
    grid, best = strengths(0.1, C_grid=[0.1, 1.0])
    assert grid == sorted(grid) and len(grid) > 2
    assert best < grid[-1] or grid[-1] == 1e6


def test_downwards_where_labels_are_noise() -> None:
    grid, best = strengths(20.0, C_grid=[10.0, 100.0])
    assert grid[0] < 10.0 and (best > grid[0] or grid[0] == 1e-3)


def test_a_best_inside_the_grid_and_a_given_C_stay() -> None:
    grid, best = strengths(1.0, C_grid=[1e-3, 0.3, 1e6])
    assert (grid, best) == ([1e-3, 0.3, 1e6], 0.3)
    assert strengths(0.1, C=5.0)[0] == [5.0]
