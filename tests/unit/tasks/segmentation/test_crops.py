"""Training crops: scale, place, flip and padding in closed form, and image and mask moved alike."""

import pytest
import torch
from fact.data.masks import IGNORE
from fact.tasks.segmentation.crops import Example, random_crop
from fact.tasks.segmentation.settings import read_crops
from torch import Generator

STILL = {"scale": [1.0, 1.0], "flip": 0.0, "max_share": 1.0}


def example(height: int = 16, width: int = 24) -> Example:
    """Every pixel's class is its column modulo 5, and its red value ten times that."""
    mask = (torch.arange(width) % 5).expand(height, width).to(torch.uint8)
    return Example((mask * 10).expand(3, height, width).clone(), mask.clone())


def crop(found: Example, side: int, seed: int = 0, **changes: object):
    crops = read_crops({"crop_size": side, "augmentation": STILL | changes})
    return random_crop(found, crops, Generator().manual_seed(seed))


def test_without_change_the_crop_of_the_whole_is_the_image() -> None:
    square = example(16, 16)
    found = crop(square, 16)
    torch.testing.assert_close(found.image, square.image.float())
    assert torch.equal(found.mask, square.mask.long()) and bool(found.inside.all())


def test_a_certain_flip_mirrors_both() -> None:
    square = example(16, 16)
    found = crop(square, 16, flip=1.0)
    torch.testing.assert_close(found.image, square.image.float().flip(-1))
    assert torch.equal(found.mask, square.mask.long().flip(-1))


def test_places_differ_and_masks_follow_their_images() -> None:
    crops = [crop(example(40, 40), 16, seed) for seed in range(8)]
    assert len({tuple(found.mask[0].tolist()) for found in crops}) > 1
    for found in crops:
        nearest = (found.image[0] / 10).round()
        inner = found.image[0] % 10 == 0
        assert torch.equal(nearest[inner].long(), found.mask[inner])


def test_images_smaller_than_the_crop_are_padded_and_ignored() -> None:
    found = crop(example(10, 12), 16)
    inside = torch.zeros(16, 16, dtype=torch.bool)
    inside[:10, :12] = True
    assert torch.equal(found.inside, inside)
    assert (found.mask[~inside] == IGNORE).all() and (found.mask[inside] < 5).all()


@pytest.mark.parametrize(("scale", "columns"), [(2.0, 16), (0.5, 12)])
def test_scale_is_of_the_image(scale: float, columns: int) -> None:
    """Of 24 columns, twice as large, a crop of 16 shows 8; half as large, all, in 12."""
    found = crop(example(40, 24), 16, scale=[scale, scale])
    assert int(found.inside[0].sum()) == columns
    shown = found.mask[0, :columns]
    # classes change from column to column: 12 are every other one of 24; 16 are 8 of them doubled
    assert int((shown[1:] != shown[:-1]).sum()) == (11 if scale < 1 else pytest.approx(7.5, abs=0.5))


def test_a_crop_of_nearly_one_class_is_drawn_again() -> None:
    mask = torch.zeros(16, 160, dtype=torch.uint8)
    mask[:, 80:] = 1
    half = Example(torch.zeros(3, 16, 160, dtype=torch.uint8), mask)
    shares = {}
    for limit in (1.0, 0.75):
        found = [crop(half, 16, seed, max_share=limit).mask for seed in range(40)]
        shares[limit] = sum(int(len(m.unique()) == 2) for m in found)
    assert shares[0.75] > 2 * shares[1.0] > 0


def test_a_mask_without_any_class_is_no_trouble() -> None:
    nothing = Example(torch.zeros(3, 16, 16, dtype=torch.uint8), torch.full((16, 16), IGNORE).to(torch.uint8))
    assert (crop(nothing, 16, max_share=0.5).mask == IGNORE).all()


def test_the_same_seed_gives_the_same_crop() -> None:
    settings = {"scale": [0.5, 2.0], "flip": 0.5, "max_share": 0.75}
    one, other = (crop(example(), 16, 3, **settings) for _ in range(2))
    assert torch.equal(one.image, other.image) and torch.equal(one.mask, other.mask)
