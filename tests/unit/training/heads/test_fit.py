import json

import pytest
import torch
from fact.training.heads import fit
from fact.training.heads.head import Head
from fact.training.heads.linear import LinearHead
from fact.training.heads.logistic import mean_norm
from fact.training.heads.spec import read_head_spec
from logistic import fit_logistic
from torch import Tensor

INFINITY = float("inf")
FEW = {"C_grid": [1, 10, 100], "folds": 3}


def images(count: int, seed: int = 0) -> tuple[Tensor, Tensor, Tensor, list[str]]:
    """Pooled vectors, tokens, labels and ids of images whose class shows in one marked token."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % 3
    tokens = torch.randn(count, 3, 3, 16, generator=generator)
    where = torch.randint(9, (count,), generator=generator)
    flat = tokens.view(count, 9, 16)
    flat[torch.arange(count), where, 0] += 6
    flat[torch.arange(count), where, 1 + labels] += 4
    pooled = torch.randn(count, 8, generator=generator) + 0.5 * torch.nn.functional.one_hot(labels, 8)
    return pooled, tokens.half(), labels, [f"train/{seed}/{index}" for index in range(count)]


def fit_head(
    *features: object, spec: dict, seed: int, start_head: LinearHead | None = None
) -> tuple[Head, dict]:
    return fit.fit_head(fit.LabelledFeatures(*features), read_head_spec(spec), seed, start_head)


def accuracy(logits: Tensor, labels: Tensor) -> float:
    return float((logits.argmax(1) == labels).double().mean())


def test_a_fixed_linear_head_is_the_logistic_regression() -> None:
    pooled, tokens, labels, ids = images(30)
    head, report = fit_head(pooled, tokens, labels, ids, 3, spec={"kind": "lr", "C": 10.0}, seed=0)
    expected = fit_logistic(pooled, labels, 3, 10.0)
    torch.testing.assert_close(head.tensors["weight"], expected.weight.float(), atol=1e-5, rtol=1e-4)
    assert report["chosen"] == {
        "pooling": "pooled",
        "transform": "none",
        "strength": 0.0,
        "C": 10.0,
        "rho": None,
    }
    assert report["candidates"] == [] and report["fallback"] is False and report["labelled"] == 30
    assert report["parameters"] == {"pooling": 0, "linear": 27} and report["convergence"]["converged"]


@pytest.mark.parametrize("pooling", ["mean", "both"])
def test_linear_heads_act_on_raw_features(pooling: str) -> None:
    pooled, tokens, labels, ids = images(30)
    spec = {"kind": "lr", "pooling": pooling, "C": 10.0}
    head, _ = fit_head(pooled, tokens, labels, ids, 3, spec=spec, seed=0)
    blocks = (
        [tokens.double().mean((1, 2))]
        if pooling == "mean"
        else [pooled.double(), tokens.double().mean((1, 2))]
    )
    features = torch.cat([block / mean_norm(block) for block in blocks], dim=1)
    expected = fit_logistic(features, labels, 3, 10.0).logits(features)
    torch.testing.assert_close(head.logits(pooled, tokens).double(), expected, atol=1e-4, rtol=1e-4)


def test_attention_is_chosen_where_it_pays_and_dropped_where_it_does_not() -> None:
    pooled, tokens, labels, ids = images(90)
    spec = {"kind": "map", "rho_grid": [1, 10, INFINITY], **FEW}
    head, report = fit_head(pooled, tokens, labels, ids, 3, spec=spec, seed=0)
    assert report["chosen"]["rho"] in (1.0, 10.0) and head.kind == "map"
    assert report["parameters"] == {"pooling": 8 * 16, "linear": 3 * 17}
    _, test_tokens, test_labels, _ = images(600, seed=1)
    mean, _ = fit_head(pooled, tokens, labels, ids, 3, spec={"kind": "lr", "pooling": "mean", **FEW}, seed=0)
    attentive, plain = (accuracy(it.logits(tokens=test_tokens), test_labels) for it in (head, mean))
    assert attentive > plain + 0.1

    noise = torch.randn(90, 3, 3, 16, generator=torch.Generator().manual_seed(2))
    noise[..., :3] += 1.5 * torch.nn.functional.one_hot(labels, 3)[:, None, None]
    head, report = fit_head(pooled, noise, labels, ids, 3, spec=spec, seed=0)
    assert (head.kind, head.pooling, report["chosen"]["rho"]) == ("lr", "mean", None)


def test_auto_reports_every_candidate_as_json() -> None:
    pooled, tokens, labels, ids = images(45)
    spec = {"kind": "auto", "rho_grid": [10, INFINITY], "frofa": {"strength": [0, 0.1], "views": 1}, **FEW}
    head, report = fit_head(pooled, tokens, labels, ids, 3, spec=spec, seed=0)
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    assert report["chosen"] in [
        {key: row[key] for key in ("pooling", "transform", "strength", "C", "rho")}
        for row in report["candidates"]
    ]
    assert {row["pooling"] for row in report["candidates"]} == {"pooled", "mean", "both", "map"}
    assert min(row["excess"] for row in report["candidates"]) == 0
    again, second = fit_head(pooled, tokens, labels, ids, 3, spec=spec, seed=0)
    assert second["candidates"] == report["candidates"]
    assert all(torch.equal(again.tensors[name], tensor) for name, tensor in head.tensors.items())


def test_the_augmentations_asked_for_are_those_fitted_on() -> None:
    pooled, tokens, labels, ids = images(30)
    views = {"strength": 0.5, "views": 2}
    choices = [{}, {"ops": ["brightness"]}, {"ops": ["posterize"]}, {"ops": ["rotate", "invert"], "draw": 1}]
    spec = {"kind": "lr", "pooling": "mean", "C": 10.0}
    plain, named, other, drawn = (
        fit_head(pooled, tokens, labels, ids, 3, spec={**spec, "frofa": {**views, **choice}}, seed=0)[0]
        for choice in choices
    )
    weight = plain.tensors["token_weight"]
    assert torch.equal(named.tensors["token_weight"], weight)
    for head in (other, drawn):
        assert not torch.allclose(head.tensors["token_weight"], weight)


def test_an_unknown_augmentation_stops_before_any_fit() -> None:
    spec = {"kind": "auto", "frofa": {"strength": 0.0, "ops": ["brightnes"]}}
    with pytest.raises(ValueError, match="FroFA: no augmentation 'brightnes'; available: brightness"):
        fit_head(*images(30), 3, spec=spec, seed=0)


def start_head() -> LinearHead:
    generator = torch.Generator().manual_seed(6)
    return LinearHead(torch.randn(3, 8, generator=generator), torch.randn(3, generator=generator))


@pytest.mark.parametrize(
    "spec", [{"kind": "lr"}, {"kind": "lr", "pooling": "mean"}, {"kind": "map", "rho": 1.0}]
)
def test_a_weak_fit_from_the_start_head_is_the_start_head(spec: dict) -> None:
    pooled, tokens, labels, ids = images(30)
    settings = {**spec, "C": 1e-9, "prior": "start"}
    head, _ = fit_head(pooled, tokens, labels, ids, 3, spec=settings, seed=0, start_head=start_head())
    torch.testing.assert_close(head.logits(pooled, tokens), start_head().logits(pooled), atol=1e-4, rtol=0)


def test_auto_keeps_a_start_head_that_nothing_improves() -> None:
    _, tokens, labels, ids = images(45)
    perfect = LinearHead(20.0 * torch.eye(3, 8), torch.zeros(3))
    shown = 5.0 * torch.nn.functional.one_hot(labels, 8)
    spec = {"kind": "auto", "prior": "start", "rho_grid": [10, INFINITY], **FEW}
    head, report = fit_head(shown, tokens, labels, ids, 3, spec=spec, seed=0, start_head=perfect)
    assert report["chosen"]["pooling"] == "start" and report["convergence"] is None
    assert head.pooling == "pooled" and torch.equal(head.logits(shown), perfect.logits(shown.float()))
    # a start head that is wrong everywhere is left behind
    wrong = LinearHead(-perfect.weight / 20, perfect.bias)
    _, report = fit_head(shown, tokens, labels, ids, 3, spec=spec, seed=0, start_head=wrong)
    assert report["chosen"]["pooling"] != "start"


def test_one_label_a_class_takes_the_stated_fallback() -> None:
    pooled, tokens, labels, ids = images(3)
    head, report = fit_head(pooled, tokens, labels, ids, 5, spec={"kind": "map", "fallback_C": 20.0}, seed=0)
    assert report["fallback"] is True and report["candidates"] == []
    assert report["chosen"] == {
        "pooling": "mean",
        "transform": "none",
        "strength": 0.0,
        "C": 20.0,
        "rho": None,
    }
    assert head.num_classes == 5 and torch.isfinite(head.logits(tokens=tokens)).all()


@pytest.mark.parametrize("kind", ["lr", "map", "auto"])
def test_one_class_alone_is_no_crash(kind: str) -> None:
    pooled, tokens, _, ids = images(4)
    head, _ = fit_head(pooled, tokens, torch.full((4,), 1), ids, 3, spec={"kind": kind, **FEW}, seed=0)
    assert head.logits(pooled, tokens).argmax(1).unique().tolist() == [1]


def test_refusals() -> None:
    pooled, tokens, labels, ids = images(6)
    with pytest.raises(ValueError, match="prior = 'start' needs the head to start from"):
        fit_head(pooled, tokens, labels, ids, 3, spec={"kind": "lr", "prior": "start"}, seed=0)
    with pytest.raises(ValueError, match=r"differ in length: \[5, 6\]"):
        fit_head(pooled, tokens, labels, ids[:5], 3, spec={"kind": "lr"}, seed=0)
    with pytest.raises(ValueError, match="reads patch tokens, which are missing"):
        fit_head(pooled, None, labels, ids, 3, spec={"kind": "map"}, seed=0)


AUTO = {**FEW, "kind": "auto", "prior": "start", "value": True, "frofa": {"strength": [0.0, 0.2], "views": 2}}


def fit_auto(inputs: tuple, device: str) -> tuple[Head, dict]:
    """Everything that phase 3 can do, in float64: choices among all structures, FroFA, a start head, V."""
    pooled, tokens, labels, ids, start = inputs
    features = fit.LabelledFeatures(pooled, tokens.double(), labels, ids, 3)
    head, report = fit.fit_head(features, read_head_spec(AUTO), 0, start, torch.device(device))
    report.pop("seconds")
    return head, report


@pytest.fixture
def inputs() -> tuple:
    start = LinearHead(torch.randn(3, 8, generator=torch.Generator().manual_seed(1)), torch.zeros(3))
    return *images(36), start


def test_every_tensor_is_made_where_it_is_computed_on(inputs: tuple) -> None:
    expected, report = fit_auto(inputs, "cpu")
    # a tensor made without a device is one without values here, and stops what uses it
    with torch.device("meta"):
        head, again = fit_auto(inputs, "cpu")
    assert again == report
    for name, tensor in expected.tensors.items():
        assert torch.equal(head.tensors[name], tensor)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_chooses_alike(inputs: tuple) -> None:
    (head, report), (expected, reference) = (fit_auto(inputs, name) for name in ("cuda", "cpu"))
    assert report["chosen"] == reference["chosen"]
    for row, other in zip(report["candidates"], reference["candidates"], strict=True):
        assert row["log_loss"] == pytest.approx(other["log_loss"], abs=1e-5)
    for name, tensor in expected.tensors.items():
        torch.testing.assert_close(head.tensors[name], tensor, atol=1e-3, rtol=1e-3)
