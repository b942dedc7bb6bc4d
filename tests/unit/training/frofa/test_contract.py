"""What every augmentation promises; a new file of FroFA's operations is tested here without being named."""

import pytest
import torch
from fact.infra.process.code_version import imported_modules
from fact.training.frofa.contract import load_operation, operation_names
from fact.training.frofa.ops.posterize import FULL_BITS
from fact.training.frofa.views import View, augment_tokens
from fact.training.heads.spec import Frofa, Operation
from torch import Tensor

OPERATIONS = operation_names()
# an image's values change one by one, whatever their places
POINTWISE = {"brightness", "contrast", "equalize", "invert", "posterize", "solarize"}
VARIANTS = ["default", "c", "c2"]
IDS = ["train/a.png", "train/b.png", "train/c.png"]

every_operation = pytest.mark.parametrize("name", OPERATIONS)
every_variant = pytest.mark.parametrize("variant", VARIANTS)


@pytest.fixture
def tokens() -> Tensor:
    """A grid that is no square."""
    return torch.randn(3, 4, 5, 6, generator=torch.Generator().manual_seed(0))


def changed(
    tokens: Tensor, name: str, variant: str = "c2", *, sample_ids: list[str] = IDS, **other: float
) -> Tensor:
    view = View(other.get("strength", 0.7), other.get("seed", 7), other.get("view", 0))
    return augment_tokens(tokens, sample_ids, Frofa(variant, ops=(Operation(name),)), view)


def test_the_package_has_the_augmentations_of_the_paper() -> None:
    places = {"crop", "inception_crop", "patch_dropout", "resized_crop", "rotate"}
    places |= {"shear_x", "shear_y", "translate_x", "translate_y"}
    assert set(OPERATIONS) >= POINTWISE | places | {"sharpness"}


def test_an_unknown_augmentation_is_refused_with_the_known_ones(tokens: Tensor) -> None:
    with pytest.raises(ValueError, match="no augmentation 'brightnes'; available: brightness, contrast"):
        changed(tokens, "brightnes")


@every_operation
def test_a_head_s_version_depends_on_its_own_augmentations(name: str) -> None:
    module = f"fact.training.frofa.ops.{name}"
    assert not any(
        other.startswith("fact.training.frofa.ops") for other in imported_modules("fact.training.heads.fit")
    )
    found = [other for other in imported_modules(module) if other.startswith("fact.training.frofa.ops.")]
    assert found == [module]


@every_operation
@every_variant
def test_strength_zero_is_the_identity(tokens: Tensor, name: str, variant: str) -> None:
    # posterize keeps 8 bits
    span = float(tokens.max() - tokens.min())
    tolerance = 0.5001 * span / (2**FULL_BITS - 1) if name == "posterize" else 1e-5
    torch.testing.assert_close(changed(tokens, name, variant, strength=0.0), tokens, rtol=0, atol=tolerance)


@every_operation
@every_variant
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_never_outside_the_bounds(tokens: Tensor, name: str, variant: str, dtype: torch.dtype) -> None:
    tokens = tokens.to(dtype)
    over = (1, 2) if variant == "c2" else (1, 2, 3)
    out = changed(tokens, name, variant, strength=1.0)
    assert out.shape == tokens.shape and out.dtype == dtype
    assert (out >= tokens.amin(over, keepdim=True)).all()
    assert (out <= tokens.amax(over, keepdim=True)).all()


@every_operation
@every_variant
def test_full_strength_does_something(tokens: Tensor, name: str, variant: str) -> None:
    assert not torch.allclose(changed(tokens, name, variant, strength=1.0), tokens, atol=1e-3)


@every_operation
def test_c2_keeps_channels_apart(tokens: Tensor, name: str) -> None:
    edited = tokens.clone()
    edited[..., 2] = 100 * edited[..., 2].flip(1) - 3
    before, after = changed(tokens, name), changed(edited, name)
    others = [0, 1, 3, 4, 5]
    assert torch.equal(before[..., others], after[..., others])


@every_operation
@every_variant
def test_point_wise_means_token_permutation_equivariant(tokens: Tensor, name: str, variant: str) -> None:
    order = torch.randperm(20, generator=torch.Generator().manual_seed(1))
    permuted = tokens.flatten(1, 2)[:, order].view_as(tokens)
    expected = changed(tokens, name, variant).flatten(1, 2)[:, order].view_as(tokens)
    # a mean in another order may differ in its last digit
    equivariant = torch.allclose(changed(permuted, name, variant), expected, atol=1e-5)
    assert equivariant == (name in POINTWISE)


@every_operation
@every_variant
def test_an_image_depends_on_its_id_seed_and_view_alone(tokens: Tensor, name: str, variant: str) -> None:
    original, settings = tokens.clone(), {"strength": 1.0}
    whole = changed(tokens, name, variant, **settings)
    assert torch.equal(tokens, original)
    assert torch.equal(changed(tokens, name, variant, **settings), whole)
    alone = changed(tokens[1:2], name, variant, sample_ids=IDS[1:2], **settings)
    assert torch.equal(alone[0], whole[1])


@every_operation
@pytest.mark.parametrize("key", ["seed", "view"])
def test_seeds_and_views_differ(tokens: Tensor, name: str, key: str) -> None:
    # what happens with a probability may happen twice, and a small grid has few crops
    first, *others = (changed(tokens, name, "default", strength=0.5, **{key: value}) for value in range(5))
    assert any(not torch.equal(other, first) for other in others)


@every_operation
def test_constant_channels_are_unchanged(tokens: Tensor, name: str) -> None:
    tokens[..., 3] = 4.25
    assert torch.equal(changed(tokens, name, strength=1.0)[..., 3], tokens[..., 3])


@every_operation
@every_variant
@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (7, 1), (2, 2)])
def test_the_smallest_grids(name: str, variant: str, shape: tuple[int, int]) -> None:
    tokens = torch.randn(3, *shape, 4, generator=torch.Generator().manual_seed(2))
    out = changed(tokens, name, variant, strength=1.0)
    assert out.shape == tokens.shape and torch.isfinite(out).all()
    if shape == (1, 1):
        assert torch.equal(changed(tokens, name, "c2", strength=1.0), tokens)


@every_operation
def test_float16_is_augmented_as_float32(tokens: Tensor, name: str) -> None:
    half = tokens.half()
    out = augment_tokens(half, IDS, Frofa("c2", ops=(Operation(name),)), View(0.3, 7, 1))
    assert out.dtype == torch.float32
    assert torch.equal(out, changed(half.float(), name, strength=0.3, view=1))


@every_operation
def test_the_unit_interval_stays_in_itself(name: str) -> None:
    operation = load_operation(name)
    x = torch.rand(2, 3, 5, 4, generator=torch.Generator().manual_seed(3))
    for extreme in (-1.0, 1.0):
        width = operation.numbers(x.shape[1:], "default")
        out = operation.change(x, torch.full((2, width), extreme), 1.0)
        assert out.shape == x.shape and out.dtype == x.dtype
        assert out.min() >= 0 and out.max() <= 1


@every_operation
@every_variant
def test_tensors_are_made_on_the_device_of_the_tokens(tokens: Tensor, name: str, variant: str) -> None:
    expected = changed(tokens, name, variant)
    # a tensor made without a device is one without values here, and stops what uses it
    with torch.device("meta"):
        assert torch.equal(changed(tokens, name, variant), expected)
