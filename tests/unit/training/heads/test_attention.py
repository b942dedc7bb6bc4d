from dataclasses import replace

import pytest
import torch
from fact.training.frofa import token_views
from fact.training.frofa.token_views import TokenViews
from fact.training.heads import attention
from fact.training.heads.attention import (
    LIMITS,
    AttentionFit,
    Pooling,
    TokenSamples,
    attention_path,
    divisor_of,
    token_units,
)
from fact.training.heads.head import attend
from fact.training.heads.logistic import mean_norm
from fact.training.heads.spec import Frofa
from logistic import fit_path
from torch import Tensor
from torch.nn.functional import cross_entropy

INFINITY = float("inf")


def plain_views(tokens: Tensor) -> TokenViews:
    """The tokens (n, T, C) alone, without augmented ones."""
    return TokenViews(tokens[:, :, None], [str(row) for row in range(len(tokens))], Frofa(), 0, strength=0.0)


def samples_of(
    tokens: Tensor, labels: Tensor, num_classes: int, weights: Tensor | None = None, **own: Tensor | None
) -> TokenSamples:
    weights = torch.ones(len(labels)) if weights is None else weights
    return TokenSamples(plain_views(tokens), labels, num_classes, weights=weights, **own)


def fit_attention(
    tokens: Tensor, labels: Tensor, num_classes: int, C: float, pulls: list[float], **options: object
) -> list[AttentionFit]:
    own = {name: options.pop(name) for name in ("weights", "offset") if name in options}
    pooling = Pooling(**{name: options.pop(name) for name in ("heads", "value") if name in options})
    samples = samples_of(tokens, labels, num_classes, **own)
    return attention_path(samples, C, pulls, pooling=pooling, limits=replace(LIMITS, **options))


def token_blobs(count: int = 40, places: int = 6, width: int = 12, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Images whose class shows in one token, marked by the first channel, among tokens of noise."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % 3
    tokens = torch.randn(count, places, width, generator=generator, dtype=torch.float64)
    where = torch.randint(places, (count,), generator=generator)
    tokens[torch.arange(count), where, 0] += 6
    tokens[torch.arange(count), where, 1 + labels] += 4
    return tokens, labels


@pytest.fixture
def head_parts() -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    shapes = ((5, 7, 12), (4, 12), (12, 12))
    return tuple(torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes)


def attend_by_loops(tokens: Tensor, query: Tensor, value: Tensor) -> Tensor:
    heads, width = query.shape
    rows = []
    for image in tokens:
        values = image @ value.T
        parts = []
        for head in range(heads):
            attention = torch.softmax(image @ query[head], dim=0)
            block = slice(head * width // heads, (head + 1) * width // heads)
            parts.append(sum(a * v for a, v in zip(attention, values[:, block], strict=True)))
        rows.append(torch.cat(parts))
    return torch.stack(rows)


def test_attend_is_the_definition(head_parts: tuple[Tensor, Tensor, Tensor]) -> None:
    tokens, query, value = head_parts
    torch.testing.assert_close(attend(tokens, query, value), attend_by_loops(tokens, query, value))
    identity = torch.eye(12, dtype=torch.float64)
    torch.testing.assert_close(attend(tokens, query), attend_by_loops(tokens, query, identity))


def test_attend_is_torch_s_multi_head_attention(head_parts: tuple[Tensor, Tensor, Tensor]) -> None:
    tokens, _, value = head_parts
    reference = torch.nn.MultiheadAttention(12, 4, batch_first=True, dtype=torch.float64)
    probe = torch.randn(1, 1, 12, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        to_query, to_key = (reference.in_proj_weight[part * 12 : part * 12 + 12] for part in (0, 1))
        reference.in_proj_weight[24:] = value
        reference.in_proj_bias.zero_()
        reference.out_proj.weight.copy_(torch.eye(12))
        reference.out_proj.bias.zero_()
        # one query: the key projection merges into it, head by head
        merged = torch.stack(
            [
                (to_query @ probe[0, 0])[head * 3 : head * 3 + 3] @ to_key[head * 3 : head * 3 + 3] / 3**0.5
                for head in range(4)
            ]
        )
        expected = reference(probe.expand(5, 1, 12), tokens, tokens)[0].squeeze(1)
    torch.testing.assert_close(attend(tokens, merged, value), expected)


def test_attention_does_not_see_the_order_of_tokens(head_parts: tuple[Tensor, Tensor, Tensor]) -> None:
    tokens, query, value = head_parts
    order = torch.tensor([3, 1, 6, 0, 2, 5, 4])
    torch.testing.assert_close(attend(tokens[:, order], query, value), attend(tokens, query, value))


def test_uniform_attention_is_the_mean(head_parts: tuple[Tensor, Tensor, Tensor]) -> None:
    tokens, query, value = head_parts
    torch.testing.assert_close(attend(tokens, 0 * query), tokens.mean(1))
    torch.testing.assert_close(attend(tokens, 0 * query, value), tokens.mean(1) @ value.T)


def test_a_single_token_does_not_see_the_query(head_parts: tuple[Tensor, Tensor, Tensor]) -> None:
    tokens, query, value = head_parts
    torch.testing.assert_close(attend(tokens[:, :1], query, value), tokens[:, 0] @ value.T)


def test_what_is_common_to_an_image_s_tokens_moves_no_attention(
    head_parts: tuple[Tensor, Tensor, Tensor],
) -> None:
    tokens, query, _ = head_parts
    common = torch.full((5, 1, 12), 3.0, dtype=torch.float64)
    torch.testing.assert_close(attend(tokens + common, query), attend(tokens, query) + 3)
    assert token_units(plain_views(tokens + common)).deviation == pytest.approx(
        token_units(plain_views(tokens)).deviation
    )


@pytest.mark.parametrize(
    ("width", "heads", "expected"), [(384, 8, 8), (100, 8, 5), (7, 8, 7), (13, 8, 1), (6, 4, 3)]
)
def test_heads_divide_the_width(width: int, heads: int, expected: int) -> None:
    assert divisor_of(width, heads) == expected


@pytest.mark.parametrize("value", [False, True])
@pytest.mark.parametrize("offset", [False, True])
def test_the_start_is_the_pooled_logistic_regression(value: bool, offset: bool) -> None:
    tokens, labels = token_blobs()
    logits = torch.randn(40, 3, dtype=torch.float64) if offset else None
    fit = fit_attention(tokens, labels, 3, 10.0, [INFINITY], heads=4, value=value, offset=logits)[0]
    linear = fit_path(tokens.mean(1), labels, 3, [10.0], offset=logits)[0].head
    assert fit.minimum is None and fit.head.query.eq(0).all()
    torch.testing.assert_close(fit.head.logits(tokens), linear.logits(tokens.mean(1)))


@pytest.mark.parametrize("value", [False, True])
@pytest.mark.parametrize("offset", [False, True])
def test_a_strong_pull_gives_the_pooled_logistic_regression_back(value: bool, offset: bool) -> None:
    tokens, labels = token_blobs()
    logits = (
        torch.randn(40, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(4))
        if offset
        else None
    )
    fit = fit_attention(tokens, labels, 3, 10.0, [1e7], value=value, offset=logits, tolerance=1e-9)[0]
    linear = fit_path(tokens.mean(1), labels, 3, [10.0], offset=logits, tolerance=1e-10)[0].head
    torch.testing.assert_close(fit.head.logits(tokens), linear.logits(tokens.mean(1)), atol=5e-4, rtol=0)
    loose = fit_attention(tokens, labels, 3, 10.0, [1.0], value=value, offset=logits)[0]
    assert (loose.head.logits(tokens) - fit.head.logits(tokens)).abs().max() > 0.1


@pytest.mark.parametrize("value", [False, True])
def test_the_gradient_vanishes_in_raw_coordinates(value: bool) -> None:
    tokens, labels = token_blobs()
    fit = fit_attention(tokens, labels, 3, 2.0, [5.0], value=value, tolerance=1e-8, max_iterations=2000)[0]
    units, linear = token_units(plain_views(tokens)), fit.head.linear
    leaves = [part.clone().requires_grad_() for part in (linear.weight, linear.bias, fit.head.query)]
    penalty = (leaves[0] * units.pooled).square().sum() + 5 * (leaves[2] * units.deviation).square().sum()
    matrix = None
    if value:
        leaves.append(matrix := fit.head.value.clone().requires_grad_())
        penalty = penalty + 5 * (matrix - torch.eye(12, dtype=torch.float64)).square().sum()
    logits = attend(tokens, leaves[2], matrix) @ leaves[0].T + leaves[1]
    (2.0 * cross_entropy(logits, labels, reduction="sum") + penalty / 2).backward()
    assert max(float(leaf.grad.abs().max()) for leaf in leaves) < 2e-5


def test_attention_finds_the_token_that_shows_the_class() -> None:
    tokens, labels = token_blobs(60)
    test_tokens, test_labels = token_blobs(600, seed=5)
    uniform, *_, attentive = fit_attention(tokens, labels, 3, 10.0, [INFINITY, 10.0, 1.0])
    accuracy = [
        float((fit.head.logits(test_tokens).argmax(1) == test_labels).double().mean())
        for fit in (uniform, attentive)
    ]
    assert accuracy[1] > accuracy[0] + 0.1


def test_weights_share_an_image_among_its_copies() -> None:
    tokens, labels = token_blobs(30)
    once = fit_attention(tokens, labels, 3, 10.0, [5.0], tolerance=1e-9)[0].head
    twice = fit_attention(
        tokens.repeat(2, 1, 1),
        labels.repeat(2),
        3,
        10.0,
        [5.0],
        weights=torch.full((60,), 0.5),
        tolerance=1e-9,
    )[0].head
    torch.testing.assert_close(twice.logits(tokens), once.logits(tokens), atol=1e-5, rtol=0)


def test_float32_and_float64_agree() -> None:
    tokens, labels = token_blobs()
    fits = [
        fit_attention(tokens.to(dtype), labels, 3, 10.0, [5.0])[0] for dtype in (torch.float32, torch.float64)
    ]
    assert fits[0].head.query.dtype == torch.float32
    single, double = (fit.head.logits(tokens).double().softmax(1) for fit in fits)
    torch.testing.assert_close(single, double, atol=2e-3, rtol=0)


def test_absent_classes_are_padded() -> None:
    tokens, labels = token_blobs()
    head = fit_attention(tokens, 2 * labels, 7, 10.0, [5.0])[0].head
    assert head.linear.weight.shape == (7, 12)
    assert set(head.logits(50 * torch.randn(500, 6, 12, dtype=torch.float64)).argmax(1).tolist()) <= {0, 2, 4}


def test_units() -> None:
    tokens = torch.zeros(2, 2, 3, dtype=torch.float64)
    tokens[:, 0, 0], tokens[:, 1, 0] = 1.0, 3.0
    units = token_units(plain_views(tokens))
    assert (units.pooled, units.deviation) == (2.0, 1.0) and mean_norm(tokens.mean(1)) == 2.0
    assert token_units(plain_views(tokens[:, :1])).deviation == 1.0


@pytest.mark.parametrize("pulls", [[], [1.0, 2.0], [0.0]])
def test_refusals(pulls: list[float]) -> None:
    tokens, labels = token_blobs(6)
    with pytest.raises(ValueError, match="positive values in descending order"):
        fit_attention(tokens, labels, 3, 1.0, pulls)


@pytest.mark.parametrize("value", [False, True])
@pytest.mark.parametrize("offset", [False, True])
def test_blocks_and_weights_of_zero_change_no_gradient(
    monkeypatch: pytest.MonkeyPatch, value: bool, offset: bool
) -> None:
    tokens, labels = token_blobs(30)
    weights = (torch.arange(30) % 4 != 1).double() * torch.linspace(0.5, 2, 30, dtype=torch.float64)
    generator = torch.Generator().manual_seed(3)
    logits = torch.randn(30, 3, generator=generator, dtype=torch.float64) if offset else None
    monkeypatch.setitem(token_views.BLOCK_VALUES, "cpu", 7 * 6 * 12)
    samples = samples_of(tokens, labels, 3, weights=weights, offset=logits)
    means = samples.means()
    units = attention.token_units(samples.views)
    problem = attention._pose(samples, means, units)
    shapes = [(3, 12), (3,), (4, 12)] + ([(12, 12)] if value else [])
    leaves = [
        torch.randn(shape, generator=generator, dtype=torch.float64).requires_grad_() for shape in shapes
    ]
    loss, gradients = problem.objective(2.0, 5.0, leaves)
    expected = whole_objective(tokens, labels, weights, logits, leaves, units, problem.center)
    torch.testing.assert_close(loss, expected.detach())
    for gradient, slope in zip(gradients, torch.autograd.grad(expected, leaves), strict=True):
        torch.testing.assert_close(gradient, slope)


def whole_objective(
    tokens: Tensor,
    labels: Tensor,
    weights: Tensor,
    offset: Tensor | None,
    leaves: list[Tensor],
    units: attention.Units,
    center: Tensor,
) -> Tensor:
    """The objective of the module's docstring at C = 2 and rho = 5, in one piece."""
    weight, bias, query, *change = leaves
    matrix = change[0] + torch.eye(12, dtype=torch.float64) if change else None
    logits = (attend(tokens, query / units.deviation, matrix) - center) / units.pooled @ weight.T + bias
    penalty = weight.square().sum() + 5 * sum(part.square().sum() for part in (query, *change))
    if offset is not None:
        logits, penalty = logits + offset, penalty + bias.square().sum()
    losses = cross_entropy(logits, labels, reduction="none")
    return (2 * weights @ losses + penalty / 2) / (2 * weights.sum())
