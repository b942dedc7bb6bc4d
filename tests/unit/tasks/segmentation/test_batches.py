"""FroFA on maps of several levels, and folds of images."""

import numpy as np
import pytest
import torch
from fact.tasks.segmentation.batches import augment_pyramid
from fact.tasks.segmentation.head import image_folds
from fact.training.heads.spec import Frofa

FROFA = Frofa(variant="c2", strengths=(0.3,), views=3)


def levels(count: int = 40) -> list[torch.Tensor]:
    torch.manual_seed(0)
    return [torch.randn(count, 4, side, side) for side in (8, 4)]


def test_one_map_in_four_stays_as_it_is_in_all_levels() -> None:
    before = levels(400)
    after = augment_pyramid(before, FROFA, 0.3, 1)
    kept = [(one == other).flatten(1).all(1) for one, other in zip(before, after, strict=True)]
    assert torch.equal(*kept)
    assert 0.18 < kept[0].float().mean() < 0.32


def test_channels_stay_within_their_own_range_and_move_by_their_own_numbers() -> None:
    before = levels()
    for one, other in zip(before, augment_pyramid(before, FROFA, 0.3, 1), strict=True):
        assert (other.amax((2, 3)) <= one.amax((2, 3)) + 1e-5).all()
        assert (other.amin((2, 3)) >= one.amin((2, 3)) - 1e-5).all()
        moved = (other - one).mean((2, 3))
        assert moved[moved.abs().sum(1) > 0].std(1).min() > 0


def test_no_strength_is_no_change_and_a_seed_is_repeatable() -> None:
    before = levels()
    for one, other in zip(before, augment_pyramid(before, FROFA, 0.0, 1), strict=True):
        torch.testing.assert_close(one, other)
    again, same = augment_pyramid(before, FROFA, 0.3, 5), augment_pyramid(before, FROFA, 0.3, 5)
    assert all(torch.equal(one, other) for one, other in zip(again, same, strict=True))
    assert not torch.equal(again[0], augment_pyramid(before, FROFA, 0.3, 6)[0])


def test_views_of_an_image_share_its_fold() -> None:
    ids = [f"i{number}" for number in range(7)] * 3
    folds = image_folds(ids, 3, 0)
    by_image = folds.reshape(3, 7)
    assert (by_image == by_image[0]).all()
    assert sorted(np.bincount(by_image[0]).tolist()) == [2, 2, 3]


@pytest.mark.parametrize(("images", "expected"), [(1, 1), (2, 2), (5, 3)])
def test_there_are_no_more_folds_than_images(images: int, expected: int) -> None:
    assert len(set(image_folds([str(n) for n in range(images)], 3, 0).tolist())) == expected
