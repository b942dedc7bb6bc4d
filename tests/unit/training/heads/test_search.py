from dataclasses import replace

import numpy as np
import pytest
import torch
from fact.training.frofa.token_views import TokenViews
from fact.training.heads.cross_validation import Candidate
from fact.training.heads.labelled_set import LabelledSet
from fact.training.heads.search import fallback, pick, search
from fact.training.heads.spec import Frofa, HeadSpec, read_head_spec

INFINITY = float("inf")


def scored(
    pooling: str, level: float, *, strength: float = 0.0, C: float = 1.0, rho: float | None = None
) -> Candidate:
    """A candidate whose held-out losses are the same everywhere but for a little noise of its own."""
    noise = np.random.default_rng(abs(hash((pooling, strength, C, rho))) % 1000).normal(0, 0.01, 50)
    return Candidate(pooling, strength, C, rho, level + noise - noise.mean(), 0.5)


def data_of(tokens: bool = True, offset: bool = False, labels: torch.Tensor | None = None) -> LabelledSet:
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(30) % 3 if labels is None else labels
    count = len(labels)
    map_ = torch.randn(count, 2, 2, 8, generator=generator)
    map_[torch.arange(count), 0, 0, labels % 3] += 4
    logits = torch.randn(count, 3, generator=generator, dtype=torch.float64) if offset else None
    pooled = torch.randn(count, 5, generator=generator) + torch.nn.functional.one_hot(labels % 3, 5)
    ids = [f"train/{index}" for index in range(count)]

    def views(strength: float) -> TokenViews:
        return TokenViews(map_, ids, Frofa("c2"), seed=0, strength=strength)

    return LabelledSet(pooled, labels, ids, 3, logits, 0, views if tokens else None)


def settings(**values: object) -> HeadSpec:
    return read_head_spec({"C_grid": [1, 10, 100], "folds": 3, **values})


def test_c_is_the_minimum_and_not_the_smallest_within_an_error() -> None:
    rows = [scored("pooled", 0.501, C=1.0), scored("pooled", 0.5, C=10.0), scored("pooled", 0.6, C=100.0)]
    assert pick(rows).C == 10.0


def test_a_simpler_structure_wins_unless_it_is_clearly_worse() -> None:
    pooled, mean, attention = scored("pooled", 0.5), scored("mean", 0.4995), scored("map", 0.499, rho=10.0)
    assert pick([attention, mean, pooled]) is pooled
    better = scored("map", 0.3, rho=10.0)
    assert pick([better, mean, pooled]) is better


def test_the_order_of_simplicity() -> None:
    rows = [
        Candidate("start", 0.0, None, None, np.ones(4)),
        Candidate("pooled", 0.0, 1.0, None, np.ones(4)),
        Candidate("mean", 0.0, 1.0, None, np.ones(4)),
        Candidate("mean", 0.1, 1.0, None, np.ones(4)),
        Candidate("both", 0.0, 1.0, None, np.ones(4)),
        Candidate("map", 0.0, 1.0, 100.0, np.ones(4)),
        Candidate("map", 0.0, 1.0, 1.0, np.ones(4)),
        Candidate("map", 0.3, 1.0, 100.0, np.ones(4)),
    ]
    while rows:
        assert pick(rows[::-1]) is rows[0]
        rows = rows[1:]


def test_nothing_open_needs_no_search() -> None:
    chosen, tried = search(data_of(), settings(kind="map", C=3.0, rho=10.0, frofa={"strength": 0.2}))
    assert (chosen.pooling, chosen.C, chosen.rho, chosen.strength, tried) == ("map", 3.0, 10.0, 0.2, [])


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("lr", ("pooled", 0.0, 7.0)), ("map", ("mean", 0.0, 7.0)), ("auto", ("pooled", 0.0, 7.0))],
)
def test_one_image_a_class_takes_the_fallback(kind: str, expected: tuple) -> None:
    spec = settings(kind=kind, fallback_C=7.0)
    chosen, tried = search(data_of(labels=torch.arange(3)), spec)
    assert (chosen.pooling, chosen.strength, chosen.C) == expected and tried == []


def test_the_fallback_keeps_what_was_given_and_the_start_head() -> None:
    spec = settings(kind="lr", pooling="mean", frofa={"strength": [0.1, 0.3]})
    assert (fallback(data_of(), spec).pooling, fallback(data_of(), spec).strength) == ("mean", 0.1)
    assert fallback(data_of(offset=True), settings(kind="auto")).pooling == "start"
    assert fallback(data_of(), settings(kind="map", rho=5.0)).rho == 5.0


def test_what_a_linear_search_tries() -> None:
    _, tried = search(data_of(), settings(kind="lr", frofa={"strength": [0, 0.2]}))
    # FroFA does nothing to a pooled vector
    assert {(row.pooling, row.strength) for row in tried} == {("pooled", 0.0)}
    assert {1.0, 10.0, 100.0} <= {row.C for row in tried}
    _, tried = search(data_of(), settings(kind="lr", pooling="both", C=2.0, frofa={"strength": [0, 0.2]}))
    assert [(row.pooling, row.strength, row.C) for row in tried] == [("both", 0.0, 2.0), ("both", 0.2, 2.0)]


def test_what_an_attention_search_tries() -> None:
    chosen, tried = search(data_of(), settings(kind="map", rho_grid=[1, 10, INFINITY]))
    linear = [row for row in tried if row.pooling == "mean"]
    best = min(linear, key=lambda row: row.losses.mean())
    assert {1.0, 10.0, 100.0} <= {row.C for row in linear}
    assert [(row.C, row.rho) for row in tried if row.pooling == "map"] == [(best.C, 10.0), (best.C, 1.0)]
    assert chosen in tried
    # without an infinite rho the head keeps its attention, however little it helps
    chosen, _ = search(data_of(), settings(kind="map", rho_grid=[1, 10]))
    assert chosen.pooling == "map"


def test_what_auto_tries() -> None:
    spec = settings(kind="auto", rho_grid=[10, INFINITY], frofa={"strength": [0, 0.2]})
    chosen, tried = search(data_of(offset=True), spec)
    plain = {row.pooling for row in tried if row.strength == 0}
    augmented = {row.pooling for row in tried if row.strength == 0.2}
    assert plain == {"start", "pooled", "mean", "both", "map"} and len(augmented) == 1
    reading = min(
        (row for row in tried if row.pooling in ("mean", "both", "map")), key=lambda row: row.losses.mean()
    )
    assert augmented <= {"mean", "both", "map"} and (reading.strength > 0 or reading.pooling in augmented)
    assert chosen in tried
    assert "start" not in {row.pooling for row in search(data_of(), spec)[1]}


def test_auto_without_tokens_or_with_a_pooled_mean() -> None:
    spec = settings(kind="auto", rho_grid=[10, INFINITY], frofa={"strength": [0, 0.2]})
    assert {row.pooling for row in search(data_of(tokens=False), spec)[1]} == {"pooled"}
    data = data_of()
    same = replace(data, pooled=data.views(0.0).means[0].float())
    assert {(row.pooling, row.strength) for row in search(same, spec)[1]} in (
        {("pooled", 0.0), ("map", 0.0), ("mean", 0.2)},
        {("pooled", 0.0), ("map", 0.0), ("map", 0.2)},
    )
    one = data.views(0.0).tokens[:, :1, :1]
    ids = data.sample_ids
    single = replace(data, make_views=lambda strength: TokenViews(one, ids, Frofa("c2"), 0, strength))
    assert "map" not in {row.pooling for row in search(single, spec)[1]}
