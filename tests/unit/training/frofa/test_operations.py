"""What each augmentation does, on maps small enough to follow by hand or against Pillow."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from fact.training.frofa.grid import refill
from fact.training.frofa.ops import (
    contrast,
    crop,
    equalize,
    inception_crop,
    invert,
    patch_dropout,
    posterize,
    resized_crop,
    rotate,
    sharpness,
    shear_x,
    shear_y,
    solarize,
    translate_x,
    translate_y,
)
from PIL import Image, ImageEnhance, ImageFilter
from torch import Tensor


def a_map(*shape: int, seed: int = 0) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def numbers(*values: float) -> Tensor:
    """One image's numbers."""
    return torch.tensor([values])


def column(*values: float) -> Tensor:
    """A map ``(1, n, 1, 1)``."""
    return torch.tensor(values, dtype=torch.float64).view(1, -1, 1, 1)


def test_contrast_scales_about_each_channel_s_mean() -> None:
    x = column(0.2, 0.4, 0.6, 0.8)
    out = contrast.change(x, numbers(0.5), 1.0)
    torch.testing.assert_close(out, column(0.05, 0.35, 0.65, 0.95))
    torch.testing.assert_close(contrast.change(x, numbers(-1.0), 1.0), column(0.5, 0.5, 0.5, 0.5))
    assert contrast.change(x, numbers(1.0), 1.0).flatten()[[0, 3]].tolist() == [0.0, 1.0]


def test_posterize_counts_levels() -> None:
    x = column(0.0, 0.3, 0.5001, 0.8, 1.0)
    assert posterize.posterize(x, torch.tensor(1.0)).flatten().tolist() == [0, 0, 1, 1, 1]
    assert set((3 * posterize.posterize(x, torch.tensor(2.0))).round().flatten().tolist()) <= {0, 1, 2, 3}
    fine = a_map(1, 30, 30, 2)
    eight = posterize.posterize(fine, torch.tensor(8.0))
    assert (eight - fine).abs().max() <= 0.5 / 255 + 1e-12
    assert len(posterize.change(fine, numbers(1.0), 0.5).unique()) == 2 ** (8 - 4)


def test_solarize_inverts_what_is_above_the_threshold() -> None:
    out = solarize.solarize(column(0.0, 0.4, 0.6, 1.0), torch.tensor(0.5))
    torch.testing.assert_close(out, column(0.0, 0.4, 0.4, 0.0))
    x = a_map(1, 4, 5, 3)
    assert torch.equal(solarize.change(x, numbers(1.0), 1.0), 1 - x)


def test_invert_twice_is_the_identity() -> None:
    x = a_map(2, 3, 4, 5)
    u = torch.full((2, 5), 0.3)
    once = invert.change(x, u, 1.0)
    assert torch.equal(once, 1 - x)
    torch.testing.assert_close(invert.change(once, u, 1.0), x)


def test_invert_and_equalize_happen_with_probability_strength() -> None:
    x, u = a_map(1, 3, 3, 2), numbers(0.2, -0.6)
    for operation in (invert, equalize):
        out = operation.change(x, u, 0.5)
        assert not torch.equal(out[..., 0], x[..., 0]) and torch.equal(out[..., 1], x[..., 1])


def test_equalize_gives_ranks_and_keeps_ties() -> None:
    torch.testing.assert_close(
        equalize.equalize(column(0.1, 0.9, 0.2, 0.3, 0.11)), column(0, 1, 0.5, 0.75, 0.25)
    )
    torch.testing.assert_close(
        equalize.equalize(column(0.1, 0.1, 0.4, 0.4, 0.5)), column(0, 0, 2 / 3, 2 / 3, 1)
    )
    assert torch.equal(equalize.equalize(column(0.3, 0.3, 0.3)), column(0.3, 0.3, 0.3))


def test_sharpness_is_pillow_s() -> None:
    pixels = (255 * a_map(1, 6, 9, 1)).round()
    image = Image.fromarray(pixels[0, ..., 0].numpy().astype(np.uint8))
    smoothed = torch.from_numpy(np.array(image.filter(ImageFilter.SMOOTH))).double()
    assert (255 * sharpness.smooth(pixels / 255)[0, ..., 0] - smoothed).abs().max() <= 1
    for factor in (0.5, 1.8):
        expected = torch.from_numpy(np.array(ImageEnhance.Sharpness(image).enhance(factor))).double()
        out = 255 * sharpness.change(pixels / 255, numbers(factor - 1), 1.0)[0, ..., 0]
        # Pillow rounds the smoothed image first
        assert (out - expected).abs().max() <= 1.5


def ramp(rows: int, columns: int) -> Tensor:
    """A map whose channels are its own coordinates, in cells from the middle, brought to 0..1 by 20 cells."""
    row = (torch.arange(rows) - (rows - 1) / 2)[:, None].expand(rows, columns)
    col = (torch.arange(columns) - (columns - 1) / 2)[None].expand(rows, columns)
    return 0.5 + torch.stack([row, col], dim=2)[None].double() / 20


ANGLE, COS, SIN = np.pi / 12, np.cos(np.pi / 12), np.sin(np.pi / 12)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        # in cells, and so the same on every grid: where a cell at (row, column) from the middle is read
        (rotate.change, lambda row, col: (COS * row + SIN * col, COS * col - SIN * row)),
        (shear_x.change, lambda row, col: (row, col + 0.15 * row)),
        (shear_y.change, lambda row, col: (row + 0.15 * col, col)),
    ],
)
@pytest.mark.parametrize("shape", [(7, 7), (5, 9), (9, 5)])
def test_cells_move_rigidly_on_any_grid(change: Callable, where: Callable, shape: tuple[int, int]) -> None:
    x = ramp(*shape)
    moved = change(x, numbers(0.5), 1.0)
    row, col = (20 * (x[0] - 0.5)).unbind(-1)
    expected = torch.stack(where(row, col), dim=2) / 20 + 0.5
    limits = torch.tensor(shape) / 2 - 0.5
    inside = ((expected - 0.5).abs() * 20 <= limits).all(2)
    assert inside.sum() > inside.numel() / 3
    torch.testing.assert_close(moved[0][inside], expected[inside], rtol=0, atol=1e-6)


def test_translate_moves_whole_cells_and_repeats_the_edge() -> None:
    x = a_map(1, 4, 10, 2)
    # 0.45 of 10 columns, by 2/3 of the strength
    out = translate_x.change(x, numbers(1.0), 2 / 3)
    torch.testing.assert_close(out[:, :, :7], x[:, :, 3:], rtol=0, atol=1e-5)
    torch.testing.assert_close(out[:, :, 7:], x[:, :, 9:].expand(-1, -1, 3, -1), rtol=0, atol=1e-5)
    turned = translate_y.change(x.transpose(1, 2), numbers(1.0), 2 / 3)
    torch.testing.assert_close(turned, out.transpose(1, 2), rtol=0, atol=1e-6)


def test_resized_crop_stretches_a_window() -> None:
    x = ramp(8, 6)
    out = resized_crop.change(x, numbers(1.0, 0.0, 0.0), 1.0)
    # half the sides, in the middle: coordinates halve
    torch.testing.assert_close(out - 0.5, (x - 0.5) / 2, rtol=0, atol=1e-6)
    corner = resized_crop.change(x, numbers(1.0, 1.0, -1.0), 1.0)
    assert corner[0, 0, -1, 1] == corner[..., 1].max() and corner[..., 0].max() < 0.5


def test_inception_crop_has_the_area_asked_for() -> None:
    x = ramp(8, 6)
    out = inception_crop.change(x, numbers(-1.0, 1.0, 0.0, 0.0), 0.5)
    # 1 - 0.95 / 2 of the area, proportions (4/3)^(1/2): how much each coordinate shrinks
    height, width = ((out[0, 4, 3] - out[0, 3, 2]) * 20).tolist()
    assert height * width == pytest.approx(1 - 0.95 / 2, abs=1e-6)
    assert width / height == pytest.approx((4 / 3) ** 0.5, abs=1e-6)


def test_refill_repeats_kept_tokens_evenly() -> None:
    x = torch.arange(6.0).view(1, 2, 3, 1)
    keep = torch.tensor([False, True, False, False, True, False]).view(1, 2, 3)
    out = refill(x, keep).flatten()
    assert out[1] == 1 and out[4] == 4
    assert sorted(out.tolist()) == [1, 1, 1, 4, 4, 4]
    assert torch.equal(refill(x, torch.ones(1, 2, 3, dtype=torch.bool)), x)


def test_patch_dropout_drops_the_share_asked_for() -> None:
    x = torch.arange(40.0).view(1, 5, 8, 1) / 40
    u = torch.rand(1, 41, generator=torch.Generator().manual_seed(4)) * 2 - 1
    for share in (0.25, 0.5, 1.0):
        u[0, 0] = share
        out = patch_dropout.change(x, u, 1.0)
        kept = out.unique()
        assert len(kept) == max(1, round(40 * (1 - share)))
        stays = torch.isin(x, kept)
        assert torch.equal(out[stays], x[stays])


def test_crop_keeps_a_rectangle_of_whole_tokens() -> None:
    x = torch.arange(48.0).view(1, 6, 8, 1) / 48
    out = crop.change(x, numbers(1.0, -1.0, 1.0), 1.0)
    # half the sides, at the top and the right
    assert torch.equal(out.unique(), x[:, :3, 4:].flatten().sort().values)
    assert torch.equal(out[:, :3, 4:], x[:, :3, 4:])
