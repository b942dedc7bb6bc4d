import numpy as np
import pytest
import torch
import torch.nn.functional as F
from fact.infra.errors import MachineError
from fact.training.augment import augment_images, crop_boxes, crop_larger
from fact.training.settings import Augmentation
from fact.training.sized_images import SizedImages, pack_images
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torch import Generator, Tensor

IDENTITY = {"crop_scale": [1.0, 1.0], "crop_ratio": [1.0, 1.0], "flip": 0.0, "interpolation": "bilinear"}
USUAL = {"crop_scale": [0.08, 1.0], "crop_ratio": [0.75, 1.3333], "flip": 0.5, "interpolation": "bicubic"}
modes = pytest.mark.parametrize("mode", ["bilinear", "bicubic"])


def seeded(seed: int = 0) -> Generator:
    return Generator().manual_seed(seed)


def augment(images: Tensor, settings: dict, generator: Generator) -> Tensor:
    return augment_images(images, Augmentation(**settings), generator)


def some_images(count: int, side: int) -> Tensor:
    return torch.randint(0, 256, (count, 3, side, side), dtype=torch.uint8, generator=seeded())


def intervals(low: float, high: float) -> st.SearchStrategy[list[float]]:
    return st.lists(st.floats(low, high), min_size=2, max_size=2).map(sorted)


@modes
@pytest.mark.parametrize("side", [8, 33, 224])
def test_identity_settings_give_the_images_back(mode, side):
    images = some_images(3, side)
    result = augment(images, IDENTITY | {"interpolation": mode}, seeded())
    assert result.dtype == torch.float32
    torch.testing.assert_close(result, images.float(), atol=0.01, rtol=0)


@modes
def test_flip_of_probability_one_mirrors_exactly(mode):
    images = some_images(3, 33)
    plain = augment(images, IDENTITY | {"interpolation": mode}, seeded())
    mirrored = augment(images, IDENTITY | {"interpolation": mode, "flip": 1.0}, seeded())
    assert torch.equal(mirrored, plain.flip(-1))


def test_flip_probability_is_the_share_of_mirrored_images():
    images = torch.arange(8.0).expand(2000, 3, 8, 8)
    result = augment(images, IDENTITY | {"flip": 0.3}, seeded())
    share = (result[:, 0, 0, 0] > result[:, 0, 0, -1]).float().mean()
    assert 0.26 < share < 0.34


@modes
def test_a_box_gives_the_resized_crop(mode, monkeypatch):
    side, left, top, width, height = 24, 4, 10, 12, 6
    box = torch.tensor([left + width / 2, top + height / 2, width, height]) / side
    monkeypatch.setattr("fact.training.augment.crop_boxes", lambda count, *_, **__: box.expand(count, 4))
    images = some_images(2, side)
    crop = images[:, :, top : top + height, left : left + width].double()
    expected = F.interpolate(crop, size=(side, side), mode=mode, align_corners=False).clamp(0, 255)
    result = augment(images, IDENTITY | {"interpolation": mode}, seeded())
    # nearer to the crop's edges the oracle repeats the crop's last pixel where augment reads the image's next
    inner = (..., slice(6, -6), slice(3, -3))
    torch.testing.assert_close(result[inner].double(), expected[inner], atol=0.02, rtol=0)


def test_same_generator_same_result_and_another_seed_another():
    images = some_images(4, 16)
    first = augment(images, USUAL, seeded(1))
    assert torch.equal(first, augment(images, USUAL, seeded(1)))
    assert not torch.equal(first, augment(images, USUAL, seeded(2)))


def test_each_image_is_augmented_on_its_own():
    result = augment(some_images(1, 16).expand(5, -1, -1, -1), USUAL, seeded())
    assert all(not torch.equal(result[0], other) for other in result[1:])


def test_overshoot_of_bicubic_stays_in_range():
    board = ((torch.arange(16)[:, None] + torch.arange(16)) % 2 * 255).expand(32, 3, 16, 16)
    result = augment(board.to(torch.uint8), USUAL, seeded())
    assert result.min() == 0 and result.max() == 255


def test_edges_bring_no_black_into_a_white_image():
    result = augment(torch.full((64, 3, 16, 16), 255, dtype=torch.uint8), USUAL, seeded())
    torch.testing.assert_close(result, torch.full_like(result, 255.0), atol=0.01, rtol=0)


@settings(deadline=None, max_examples=60)
@given(scale=intervals(0.05, 1.0), ratio=intervals(0.25, 4.0), seed=st.integers(0, 10**6))
def test_boxes_lie_inside_and_have_the_drawn_area_and_aspect(scale, ratio, seed):
    x, y, width, height = crop_boxes(64, scale, ratio, seeded(seed)).double().unbind(1)
    for centre, length in ((x, width), (y, height)):
        assert (length > 0).all()
        assert (centre - length / 2 >= -1e-6).all() and (centre + length / 2 <= 1 + 1e-6).all()
    area, aspect = width * height, width / height
    assert (aspect >= ratio[0] * (1 - 1e-5)).all() and (aspect <= ratio[1] * (1 + 1e-5)).all()
    within = (area >= scale[0] * (1 - 1e-5)) & (area <= scale[1] * (1 + 1e-5))
    centred = (x == 0.5) & (y == 0.5) & (torch.maximum(width, height) == 1)
    assert (within | centred).all()
    if scale[1] * max(ratio[1], 1 / ratio[0]) < 0.999:  # every draw fits
        assert within.all()


def test_areas_and_positions_fill_their_ranges():
    x, y, width, height = crop_boxes(4000, [0.1, 0.5], [0.75, 1.3333], seeded()).unbind(1)
    area, aspect = width * height, width / height
    assert area.min() < 0.11 and area.max() > 0.49 and abs(area.mean() - 0.3) < 0.01
    assert abs(aspect.log().mean()) < 0.01
    for centre, length in ((x, width), (y, height)):
        room = (centre - length / 2) / (1 - length)
        assert room.min() < 0.01 and room.max() > 0.99 and abs(room.mean() - 0.5) < 0.02


@pytest.mark.parametrize(
    ("ratio", "sides"), [([3.0, 4.0], [1, 1 / 3]), ([0.1, 0.25], [0.25, 1]), ([1.0, 1.0], [1, 1])]
)
def test_where_nothing_fits_the_box_is_the_largest_centred_one(ratio, sides):
    boxes = crop_boxes(5, [1.0, 1.0], ratio, seeded())
    torch.testing.assert_close(boxes, torch.tensor([[0.5, 0.5, *sides]]).expand(5, 4))


def larger_images() -> SizedImages:
    """Noisy images of 41 × 30, 24 × 47 and 16 × 16 for squares of 16."""
    arrays = []
    for seed, (height, width) in enumerate([(30, 41), (47, 24), (16, 16)]):
        # far from 0 and 255, where Pillow cuts off between its two passes
        noise = torch.randint(80, 176, (height, width, 3), dtype=torch.uint8, generator=seeded(seed))
        arrays.append(noise.numpy())
    return pack_images(arrays, 16)


def by_pillow(images: SizedImages, row: int, box: Tensor, mode: str) -> Tensor:
    width, height = images.sizes[row].tolist()
    image = Image.fromarray(images.pixels[row, :, :height, :width].permute(1, 2, 0).numpy())
    left, right = ((box[0] + sign * box[2] / 2).item() * width for sign in (-1, 1))
    top, bottom = ((box[1] + sign * box[3] / 2).item() * height for sign in (-1, 1))
    resampling = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}[mode]
    edges = (max(left, 0.0), max(top, 0.0), min(right, width), min(bottom, height))
    return torch.from_numpy(np.array(image.resize((16, 16), resampling, box=edges))).permute(2, 0, 1).float()


@modes
@pytest.mark.parametrize("flip", [False, True])
def test_crops_of_larger_images_are_pillows(mode, flip):
    """Antialiased where they shrink, with a row's own size, and nothing of what fills the tensor up."""
    images = larger_images()
    for seed in range(20):
        boxes = crop_boxes(3, (0.08, 1.0), ratio=(0.75, 1.3333), generator=seeded(seed))
        found = crop_larger(images, boxes, flips=torch.tensor([flip] * 3), interpolation=mode)
        expected = torch.stack([by_pillow(images, row, boxes[row], mode) for row in range(3)])
        # Pillow rounds to whole values between its two passes
        torch.testing.assert_close(found, expected.flip(3) if flip else expected, atol=1.6, rtol=0)


def test_blocks_of_larger_images_do_not_change_them(monkeypatch):
    images, settings = larger_images(), Augmentation(**USUAL)
    whole = augment_images(images, settings, seeded())
    monkeypatch.setattr("fact.training.augment.BLOCK", 2)
    torch.testing.assert_close(augment_images(images, settings, seeded()), whole)
    assert whole.shape == (3, 3, 16, 16) and whole.min() >= 0 and whole.max() <= 255


def test_images_that_are_no_larger_are_a_plain_tensor():
    arrays = [np.full((16, 16, 3), value, np.uint8) for value in (3, 200)]
    packed = pack_images(iter(arrays), 16)
    assert isinstance(packed, Tensor) and packed.is_contiguous()
    assert np.array_equal(packed.permute(0, 2, 3, 1).numpy(), np.stack(arrays))


def test_images_beyond_half_of_the_free_memory_are_refused(monkeypatch):
    monkeypatch.setattr("fact.training.sized_images.free_memory", lambda: 3000)
    arrays = [np.zeros((16, 16, 3), np.uint8)] * 9
    with pytest.raises(
        MachineError, match=r"2 labelled images need .*set training\.augmentation\.source_scale"
    ):
        pack_images(arrays, 16)


def test_rows_of_larger_images_keep_their_sizes():
    images = larger_images()[torch.tensor([2, 0])]
    assert len(images) == 2 and images.sizes.tolist() == [[16, 16], [41, 30]]
