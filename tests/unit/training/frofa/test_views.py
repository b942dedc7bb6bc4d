import pytest
import torch
from fact.seeds import derive_seed
from fact.training.frofa.numbers import drawn, symmetric_uniform
from fact.training.frofa.ops.brightness import brightness
from fact.training.frofa.unit import bounds, from_unit, to_unit
from fact.training.frofa.views import View, augment_tokens
from fact.training.heads.spec import Frofa, Operation
from torch import Tensor

IDS = ["train/a.png", "train/b.png", "train/c.png"]


@pytest.fixture
def tokens() -> Tensor:
    return torch.randn(3, 4, 5, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def shifted(
    tokens: Tensor, ids: list[str] = IDS, variant: str = "c2", strength: float = 0.5, **other: int
) -> Tensor:
    view = View(strength, other.get("seed", 7), other.get("view", 0))
    return augment_tokens(tokens, ids, Frofa(variant), view)


def test_brightness_adds_and_clips() -> None:
    x = torch.tensor([0.0, 0.4, 1.0])
    assert brightness(x, torch.tensor(0.25)).tolist() == pytest.approx([0.25, 0.65, 1.0])
    assert brightness(x, torch.tensor(-0.5)).tolist() == pytest.approx([0.0, 0.0, 0.5])


def test_the_unit_interval_and_back(tokens: Tensor) -> None:
    low, high = bounds(tokens, per_channel=True)
    unit = to_unit(tokens, low, high)
    assert unit.amin((1, 2)).eq(0).all() and unit.amax((1, 2)).eq(1).all()
    torch.testing.assert_close(from_unit(unit, low, high), tokens)


@pytest.mark.parametrize("variant", ["default", "c", "c2"])
def test_strength_zero_is_the_identity(tokens: Tensor, variant: str) -> None:
    torch.testing.assert_close(shifted(tokens, variant=variant, strength=0.0), tokens)


@pytest.mark.parametrize("variant", ["default", "c", "c2"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_never_outside_the_bounds(tokens: Tensor, variant: str, dtype: torch.dtype) -> None:
    tokens = tokens.to(dtype)
    low, high = bounds(tokens, per_channel=variant == "c2")
    out = shifted(tokens, variant=variant, strength=1.0)
    assert (out >= low).all() and (out <= high).all()
    assert not torch.allclose(out, tokens)


def test_default_moves_all_channels_of_an_image_alike() -> None:
    # far from the bounds nothing is clipped: the change is span * u, one u for an image
    tokens = torch.full((2, 2, 2, 3), 0.5, dtype=torch.float64)
    tokens[:, 0, 0], tokens[:, 1, 1] = 0.0, 1.0
    change = (shifted(tokens, IDS[:2], "default", 0.4) - tokens)[:, 0, 1]
    assert change[0].unique().numel() == 1 and change[0, 0] != change[1, 0]
    per_channel = (shifted(tokens, IDS[:2], "c", 0.4) - tokens)[:, 0, 1]
    assert per_channel[0].unique().numel() == 3


def test_c2_keeps_channels_apart(tokens: Tensor) -> None:
    edited = tokens.clone()
    edited[..., 2] = 100 * edited[..., 2] - 3
    before, after = shifted(tokens), shifted(edited)
    others = [0, 1, 3, 4, 5]
    assert torch.equal(before[..., others], after[..., others])
    assert not torch.equal(before[..., 2], after[..., 2])


def test_the_shift_moves_every_channel_by_its_own_span() -> None:
    tokens = torch.tensor([0.0, 0.5, 1.0]).double().view(1, 3, 1, 1) * torch.tensor([1.0, 10.0]).double()
    out = shifted(tokens, IDS[:1], "c2", 0.3)
    relative = (out - tokens)[0, 1, 0] / torch.tensor([1.0, 10.0])
    assert (relative.abs() <= 0.3).all() and relative[0] != relative[1]


@pytest.mark.parametrize("variant", ["default", "c", "c2"])
def test_token_permutation_equivariance(tokens: Tensor, variant: str) -> None:
    order = torch.randperm(20, generator=torch.Generator().manual_seed(1))
    permuted = tokens.flatten(1, 2)[:, order].view_as(tokens)
    expected = shifted(tokens, variant=variant).flatten(1, 2)[:, order].view_as(tokens)
    assert torch.equal(shifted(permuted, variant=variant), expected)


def test_an_image_s_numbers_depend_on_its_id_seed_and_view_alone(tokens: Tensor) -> None:
    whole = shifted(tokens)
    alone = shifted(tokens[1:2], IDS[1:2])
    assert torch.equal(alone[0], whole[1])
    assert torch.equal(shifted(tokens), whole)
    for other in ({"seed": 8}, {"view": 1}):
        assert not torch.equal(shifted(tokens, **other), whole)
    assert not torch.equal(shifted(tokens, ["x", "y", "z"]), whole)


def test_constant_channels_and_single_tokens_are_unchanged(tokens: Tensor) -> None:
    tokens[..., 3] = 4.25
    assert torch.equal(shifted(tokens)[..., 3], tokens[..., 3])
    single = tokens[:, :1, :1]
    assert torch.equal(shifted(single, strength=1.0), single)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"variant": "c3"}, "variant 'c3'; use one of default, c, c2"),
        ({"strength": 1.5}, "strength = 1.5"),
        ({"ids": ["only one"]}, "1 sample ids"),
    ],
)
def test_refusals(tokens: Tensor, change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        shifted(tokens, **change)


@pytest.mark.parametrize("variant", ["default", "c", "c2"])
@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
def test_brightness_alone_has_the_bytes_that_it_always_had(
    tokens: Tensor, variant: str, dtype: torch.dtype
) -> None:
    tokens = tokens.to(dtype)
    views = [augment_tokens(tokens, IDS, Frofa(variant), View(0.3, 5, number)) for number in range(2)]
    tokens = tokens if dtype == torch.float64 else tokens.float()
    for view in range(2):
        width = 1 if variant == "default" else 6
        seeds = [derive_seed("frofa", 5, sample_id, view) for sample_id in IDS]
        rows = [torch.rand(width, generator=torch.Generator().manual_seed(seed)) for seed in seeds]
        shift = 0.3 * (2 * torch.stack(rows) - 1).to(tokens)[:, None, None, :]
        over = (1, 2) if variant == "c2" else (1, 2, 3)
        low, high = tokens.amin(over, keepdim=True), tokens.amax(over, keepdim=True)
        expected = torch.lerp(low, high, ((tokens - low) / (high - low) + shift).clamp(0, 1))
        assert torch.equal(views[view], expected)


def test_the_numbers_are_those_that_they_always_were() -> None:
    stored = [
        [-0.06842958927154541, -0.5579831600189209, -0.6570411920547485],
        [-0.041535019874572754, 0.5516449213027954, 0.12821602821350098],
    ]
    assert symmetric_uniform(["a", "b"], 3, 5, 1).tolist() == stored
    tokens = torch.arange(24).float().view(1, 2, 3, 4).sin().half()
    second = augment_tokens(tokens, ["a"], Frofa(), View(0.3, 5, 1))
    expected = [-0.03584536, 0.53953999, 0.56586915, 0.39713493]
    assert second.flatten()[:4].tolist() == pytest.approx(expected, abs=1e-7)


def test_a_sequence_is_one_after_the_other_each_with_its_own_numbers(tokens: Tensor) -> None:
    view = View(0.4, 7)
    ops = [Operation("brightness"), Operation("posterize", "c")]
    out = augment_tokens(tokens, IDS, Frofa(ops=ops), view)
    first = augment_tokens(tokens, IDS, Frofa(), view)
    low, high = bounds(first, per_channel=False)
    u = symmetric_uniform(IDS, 6, 7, 0, step=1)
    assert not torch.equal(u, symmetric_uniform(IDS, 6, 7, 0))
    steps = (2 ** (8 - (7 * 0.4 * u.abs()).round()) - 1).double()[:, None, None, :]
    expected = from_unit((to_unit(first, low, high) * steps).round() / steps, low, high)
    assert torch.equal(out, expected)


def test_a_random_choice_is_each_image_s_own(tokens: Tensor) -> None:
    ops = [Operation(name) for name in ("brightness", "solarize", "rotate")]
    view = View(0.6, 7)
    many = [f"train/{index}" for index in range(60)]
    tokens = tokens.repeat(20, 1, 1, 1)
    out = augment_tokens(tokens, many, Frofa(ops=ops, draw=1), view)
    chosen = drawn(many, 3, 1, 7, 0)[:, 0]
    for index, op in enumerate(ops):
        mask = chosen == index
        assert mask.sum() >= 10
        assert torch.equal(out[mask], augment_tokens(tokens, many, Frofa(ops=[op]), view)[mask])
    alone = augment_tokens(tokens[5:6], many[5:6], Frofa(ops=ops, draw=1), view)
    assert torch.equal(alone[0], out[5])
    assert not torch.equal(drawn(many, 3, 1, 7, 1), drawn(many, 3, 1, 7, 0))


def test_several_draws_follow_each_other(tokens: Tensor) -> None:
    view = View(0.6, 7)
    one = [Operation("brightness")]
    twice = augment_tokens(tokens, IDS, Frofa(ops=one, draw=2), view)
    assert torch.equal(twice, augment_tokens(tokens, IDS, Frofa(ops=one * 2), view))
    assert not torch.equal(twice, augment_tokens(tokens, IDS, Frofa(ops=one, draw=1), view))


def test_an_augmentation_s_own_variant_is_checked(tokens: Tensor) -> None:
    with pytest.raises(ValueError, match="variant 'c3'; use one of"):
        augment_tokens(tokens, IDS, Frofa(ops=[Operation("brightness", "c3")]), View(0.1, 0))
