import math

import pytest
import torch
from fact.backbones.pretrain_views import (
    STRENGTHS,
    ViewStrengths,
    affine_matrices,
    random_views,
    shuffled_batches,
    view_pairs,
)
from torch import Generator, Tensor, nn


def seeded(seed: int) -> Generator:
    return Generator().manual_seed(seed)


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
    torch.testing.assert_close(random_views(pixels, seeded(0), ViewStrengths()), pixels, atol=2e-5, rtol=0)
    zeros = dict.fromkeys(STRENGTHS, 0.0)
    torch.testing.assert_close(
        random_views(pixels, seeded(1), ViewStrengths(**zeros)), pixels, atol=2e-5, rtol=0
    )


@pytest.mark.parametrize("name", STRENGTHS)
def test_every_strength_changes_each_image_in_its_own_way(name):
    pixels = torch.rand(1, 3, 12, 12, generator=seeded(8)).repeat(2, 1, 1, 1)
    strength = 30.0 if name == "rotation" else 0.3
    views = random_views(pixels, seeded(0), ViewStrengths(**{name: strength}))
    assert not torch.allclose(views[0], pixels[0], atol=1e-3)
    assert not torch.allclose(views[0], views[1], atol=1e-3)
    assert torch.equal(views, random_views(pixels, seeded(0), ViewStrengths(**{name: strength})))


def test_brightness_contrast_and_noise_have_their_stated_size():
    flat = torch.full((400, 3, 8, 8), 0.5)
    offset = (random_views(flat, seeded(0), ViewStrengths(brightness=0.2)) - 0.5).mean(dim=(1, 2, 3))
    assert 0.19 < float(offset.abs().max()) <= 0.2 + 1e-5
    noise = random_views(flat, seeded(0), ViewStrengths(noise=0.1)) - 0.5
    assert float(noise.std()) == pytest.approx(0.1, rel=0.02)
    torch.testing.assert_close(noise[:, 0], noise[:, 2], atol=1e-6, rtol=0)
    pixels = torch.rand(400, 1, 8, 8, generator=seeded(9))
    ratio = random_views(pixels, seeded(0), ViewStrengths(contrast=0.4)).std(dim=(1, 2, 3)) / pixels.std(
        dim=(1, 2, 3)
    )
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


def test_view_pairs_hold_two_views_of_the_same_images_in_the_same_order():
    images = torch.randint(0, 256, (7, 3, 6, 6), dtype=torch.uint8, generator=seeded(10))
    batches = list(view_pairs(images, 4, ViewStrengths(), seeded(0)))
    assert [len(views) for views in batches] == [8, 6]
    first = torch.cat([views.chunk(2)[0] for views in batches])
    assert torch.equal(torch.cat([views.chunk(2)[1] for views in batches]), first)
    torch.testing.assert_close(
        sorted(first.sum(dim=(1, 2, 3)).tolist()),
        sorted((images / 255).sum(dim=(1, 2, 3)).tolist()),
        rtol=1e-4,
        atol=0,
    )
    moved_apart = next(view_pairs(images, 4, ViewStrengths(shift=0.3), seeded(0)))
    assert not torch.allclose(*moved_apart.chunk(2), atol=1e-2)
