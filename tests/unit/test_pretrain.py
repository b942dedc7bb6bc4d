import math
from itertools import pairwise

import pytest
import torch
from fact.backbones.pretrain import (
    STRENGTHS,
    affine_matrices,
    nt_xent_loss,
    parameter_groups,
    pretrain_contrastive,
    random_views,
    shuffled_batches,
    warmup_cosine,
)
from torch import Generator, Tensor, nn

SETTINGS = {
    "epochs": 2,
    "batch_size": 8,
    "learning_rate": 1e-3,
    "weight_decay": 0.01,
    "temperature": 0.2,
    "projection_dim": 8,
    "seed": 3,
    "augmentation": {"rotation": 10.0, "shift": 0.1, "warp": 0.05, "noise": 0.05, "brightness": 0.1},
}
MEAN, STD = [0.5] * 3, [0.5] * 3


def some_images(count: int, side: int = 8) -> Tensor:
    return torch.randint(0, 256, (count, 3, side, side), dtype=torch.uint8, generator=seeded(0))


def seeded(seed: int) -> Generator:
    return Generator().manual_seed(seed)


def small_model(side: int = 8) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return nn.Sequential(nn.Flatten(), nn.Linear(3 * side * side, 12), nn.Dropout(0.1), nn.ReLU())


def pretrained(images: Tensor, **changes) -> tuple[Tensor, list[dict]]:
    model = small_model(images.shape[-1])
    history = pretrain_contrastive(model, images, MEAN, STD, **(SETTINGS | changes))
    return nn.utils.parameters_to_vector(model.parameters()).detach(), history


def brute_force_loss(first: Tensor, second: Tensor, temperature: float) -> float:
    """Equation 1 of SimCLR read aloud, view by view."""
    views = [row / row.norm() for row in torch.cat([first, second])]
    losses = []
    for i, view in enumerate(views):
        twin = (i + len(first)) % len(views)
        others = [math.exp(float(view @ other) / temperature) for k, other in enumerate(views) if k != i]
        losses.append(-math.log(math.exp(float(view @ views[twin]) / temperature) / sum(others)))
    return sum(losses) / len(losses)


@pytest.mark.parametrize(("count", "temperature"), [(2, 1.0), (5, 0.2), (16, 0.1)])
def test_loss_of_identical_views_of_orthonormal_samples(count, temperature):
    samples = torch.eye(count, dtype=torch.float64)
    # the twin has similarity 1, the 2B - 2 other views 0
    expected = math.log1p((2 * count - 2) * math.exp(-1 / temperature))
    assert float(nt_xent_loss(samples, 3 * samples, temperature)) == pytest.approx(expected, rel=1e-12)


def test_loss_of_collapsed_vectors_is_that_of_guessing():
    same = torch.ones(6, 4, dtype=torch.float64)
    assert float(nt_xent_loss(same, same, 0.2)) == pytest.approx(math.log(11), rel=1e-12)


@pytest.mark.parametrize("count", [1, 2, 7])
def test_loss_agrees_with_brute_force(count):
    first, second = torch.randn(2, count, 5, dtype=torch.float64, generator=seeded(1))
    expected = brute_force_loss(first, second, 0.3)
    assert float(nt_xent_loss(first, second, 0.3)) == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert float(nt_xent_loss(first.float(), second.float(), 0.3)) == pytest.approx(
        expected, rel=1e-5, abs=1e-6
    )


def test_loss_gradient_agrees_with_differences():
    first, second = torch.randn(2, 4, 3, dtype=torch.float64, generator=seeded(2))
    assert torch.autograd.gradcheck(lambda a, b: nt_xent_loss(a, b, 0.5), (first.requires_grad_(), second))


def moved(pixels: Tensor, angle: float = 0.0, scale: float = 1.0, shift: tuple = (0.0, 0.0)) -> Tensor:
    matrices = affine_matrices(
        torch.tensor([angle]), torch.tensor([scale]), torch.tensor([shift]), torch.tensor([0.0])
    )
    grid = nn.functional.affine_grid(matrices, list(pixels.shape), align_corners=False)
    return nn.functional.grid_sample(pixels, grid, align_corners=False)


def test_affine_matrices_quarter_turn_is_counter_clockwise():
    pixels = torch.rand(1, 2, 6, 6, generator=seeded(4))
    torch.testing.assert_close(moved(pixels, angle=math.pi / 2), torch.rot90(pixels, 1, (2, 3)))


def test_affine_matrices_shift_right_and_down_by_whole_pixels():
    pixels = torch.rand(1, 1, 4, 4, generator=seeded(5))
    expected = torch.zeros_like(pixels)
    expected[..., 2:, 1:] = pixels[..., :2, :3]
    torch.testing.assert_close(moved(pixels, shift=(0.25, 0.5)), expected)


def test_affine_matrices_scale_enlarges_about_the_centre():
    pixels = torch.zeros(1, 1, 8, 8)
    pixels[..., 2:6, 2:6] = 1
    twice = moved(pixels, scale=2.0)
    torch.testing.assert_close(twice[..., 1:-1, 1:-1], torch.ones(1, 1, 6, 6))
    assert 0 < float(moved(pixels, scale=0.5).sum()) < float(pixels.sum())


def test_affine_matrices_of_all_four_together():
    angle, scale, shear, right, down = torch.rand(5, 1, dtype=torch.float64, generator=seeded(6)) + 0.5
    matrix = affine_matrices(angle, scale, torch.stack([right, down], dim=1), shear)[0]
    # the content's centre is drawn where the shift says, whatever the other three are
    moved_centre = torch.cat([2 * right, 2 * down, torch.ones(1, dtype=torch.float64)])
    torch.testing.assert_close(matrix @ moved_centre, torch.zeros(2, dtype=torch.float64))
    # a shear keeps areas, a scale divides them
    assert float(torch.linalg.det(matrix[:, :2])) == pytest.approx(float(scale) ** -2)
    upright = affine_matrices(0 * angle, scale / scale, torch.zeros(1, 2, dtype=torch.float64), shear)[0]
    torch.testing.assert_close(upright[:, :2], torch.tensor([[1, float(shear)], [0, 1]], dtype=torch.float64))


@pytest.mark.parametrize("shape", [(1, 1, 8, 8), (3, 3, 16, 16), (2, 3, 33, 33)])
def test_views_at_zero_strength_are_the_images(shape):
    pixels = torch.rand(shape, generator=seeded(7))
    torch.testing.assert_close(random_views(pixels, seeded(0)), pixels, atol=2e-5, rtol=0)
    zeros = dict.fromkeys(STRENGTHS, 0.0)
    torch.testing.assert_close(random_views(pixels, seeded(1), **zeros), pixels, atol=2e-5, rtol=0)


@pytest.mark.parametrize("name", STRENGTHS)
def test_every_strength_changes_each_image_in_its_own_way(name):
    pixels = torch.rand(1, 3, 12, 12, generator=seeded(8)).repeat(2, 1, 1, 1)
    strength = 30.0 if name == "rotation" else 0.3
    views = random_views(pixels, seeded(0), **{name: strength})
    assert not torch.allclose(views[0], pixels[0], atol=1e-3)
    assert not torch.allclose(views[0], views[1], atol=1e-3)
    assert torch.equal(views, random_views(pixels, seeded(0), **{name: strength}))


def test_brightness_contrast_and_noise_have_their_stated_size():
    flat = torch.full((400, 3, 8, 8), 0.5)
    offset = (random_views(flat, seeded(0), brightness=0.2) - 0.5).mean(dim=(1, 2, 3))
    assert 0.19 < float(offset.abs().max()) <= 0.2 + 1e-5
    noise = random_views(flat, seeded(0), noise=0.1) - 0.5
    assert float(noise.std()) == pytest.approx(0.1, rel=0.02)
    torch.testing.assert_close(noise[:, 0], noise[:, 2], atol=1e-6, rtol=0)
    pixels = torch.rand(400, 1, 8, 8, generator=seeded(9))
    ratio = random_views(pixels, seeded(0), contrast=0.4).std(dim=(1, 2, 3)) / pixels.std(dim=(1, 2, 3))
    assert 0.6 - 1e-3 <= float(ratio.min()) < 0.62 and 1.38 < float(ratio.max()) <= 1.4 + 1e-3


@pytest.mark.parametrize(
    ("count", "batch_size", "batches"), [(10, 4, 3), (8, 4, 2), (3, 100, 1), (1437, 256, 6)]
)
def test_batches_hold_every_image_once_and_are_even(count, batch_size, batches):
    parts = shuffled_batches(count, batch_size, seeded(0))
    assert len(parts) == batches
    assert sorted(torch.cat(parts).tolist()) == list(range(count))
    sizes = [len(part) for part in parts]
    assert max(sizes) <= batch_size and max(sizes) - min(sizes) <= 1


def test_learning_rate_rises_then_falls_to_zero():
    rates = [warmup_cosine(step, 100, 0.1) for step in range(101)]
    assert rates.index(max(rates)) == 10 and max(rates) == 1.0
    assert all(a < b for a, b in pairwise(rates[:11])) and all(a > b for a, b in pairwise(rates[10:]))
    assert rates[0] > 0 and rates[100] == pytest.approx(0, abs=1e-12)
    assert warmup_cosine(0, 5, 0.0) == 1.0


def test_weight_decay_spares_biases_and_normalisation():
    network = nn.Sequential(nn.Linear(4, 3), nn.LayerNorm(3))
    decayed, spared = parameter_groups(network, 0.05)
    assert [p.shape for p in decayed["params"]] == [(3, 4)] and decayed["weight_decay"] == 0.05
    assert len(spared["params"]) == 3 and spared["weight_decay"] == 0


def test_same_seed_same_weights_other_seed_other_weights():
    images = some_images(20)
    weights, history = pretrained(images)
    again, history_again = pretrained(images)
    assert torch.equal(weights, again) and history == history_again
    assert not torch.equal(weights, pretrained(images, seed=4)[0])


def test_global_random_state_neither_matters_nor_moves():
    images = some_images(20)
    weights, _ = pretrained(images)
    torch.manual_seed(99)
    state = torch.get_rng_state()
    assert torch.equal(weights, pretrained(images)[0])
    assert torch.equal(state, torch.get_rng_state())


def test_training_lowers_the_loss_and_reports_every_epoch():
    seen = []
    _, history = pretrained(some_images(32), epochs=30, learning_rate=1e-2, progress=seen.append)
    assert seen == history and [record["epoch"] for record in history] == list(range(1, 31))
    assert history[-1]["loss"] < 0.6 * history[0]["loss"]
    assert history[-1]["learning_rate"] < history[5]["learning_rate"] <= 1e-2


@pytest.mark.parametrize(("count", "side"), [(2, 8), (3, 5), (9, 8), (17, 32)])
def test_any_pool_of_two_or_more_and_any_side(count, side):
    weights, history = pretrained(some_images(count, side))
    assert torch.isfinite(weights).all() and math.isfinite(history[-1]["loss"])


def test_images_stay_and_model_is_left_in_evaluation_mode():
    images, model = some_images(6), small_model()
    before = images.clone()
    pretrain_contrastive(model, images, MEAN, STD, **SETTINGS)
    assert torch.equal(images, before) and not model.training


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"augmentation": {"flip": 0.5}}, "flip"),
        ({"batch_size": 1}, "batch_size: 1"),
        ({"temperature": 0.0}, "temperature: 0.0"),
    ],
)
def test_settings_that_cannot_work_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        pretrained(some_images(4), **changes)


def test_images_that_cannot_work_are_refused():
    with pytest.raises(ValueError, match="float32"):
        pretrained(some_images(4).float())
    with pytest.raises(ValueError, match=r"\(1, 3, 8, 8\)"):
        pretrained(some_images(1))
