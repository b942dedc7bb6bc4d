from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from fact.data.contract import image_reader
from fact.data.images import Resize, read_resized, resize_image, stream_resized
from fact.data.sources import digits, image_folder
from PIL import Image


@pytest.fixture
def root(tmp_path: Path, write_image: Callable[..., Path]) -> Path:
    for number in range(40):
        write_image(tmp_path / f"{number:02d}.png", seed=number, size=(20 + number, 50 - number))
    return tmp_path


def reader(root: Path, **options: object) -> Callable[..., np.ndarray]:
    return image_reader(image_folder, root, options)


def locators(root: Path) -> list[str]:
    return sorted(path.name for path in root.iterdir())


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear", "bicubic", "lanczos"])
def test_squash_is_pillows_resize_of_the_whole_image(root: Path, interpolation: str) -> None:
    images = read_resized(reader(root), locators(root), Resize(16, interpolation))
    assert images.shape == (40, 16, 16, 3) and images.dtype == np.uint8
    method = Image.Resampling[interpolation.upper()]
    expected = [np.asarray(Image.open(root / name).resize((16, 16), method)) for name in locators(root)]
    assert np.array_equal(images, np.stack(expected))


def test_antialiased_shrinking_against_a_float64_mean() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    grid = (np.arange(64) + 0.5)[None] / 8 - (np.arange(8) + 0.5)[:, None]
    weights = np.maximum(0, 1 - np.abs(grid))  # a bilinear kernel stretched by the factor 8
    weights /= weights.sum(axis=1, keepdims=True)
    expected = np.einsum("ai,bj,ijc->abc", weights, weights, pixels.astype(np.float64))
    assert np.abs(resize_image(pixels, 8, "bilinear") - expected).max() <= 1.0


def test_crop_takes_the_centre_square() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (10, 30, 3), dtype=np.uint8)
    centre = pixels[:, 10:20]
    assert np.array_equal(resize_image(pixels, 10, "bicubic", "crop"), centre)
    assert np.array_equal(
        resize_image(pixels.transpose(1, 0, 2), 10, "nearest", "crop"), centre.transpose(1, 0, 2)
    )


@pytest.mark.parametrize(("width", "height"), [(500, 375), (333, 500), (207, 301), (1000, 64), (51, 50)])
@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
@pytest.mark.parametrize(("transform", "side", "size"), [("crop", 96, 96), ("inner_crop", 64, 56)])
def test_crop_is_the_centre_of_the_whole_image_resized(
    width: int, height: int, interpolation: str, transform: str, side: int, size: int
) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    shorter = min(width, height)
    across, down = int(side * width / shorter), int(side * height / shorter)
    whole = Image.fromarray(pixels).resize((across, down), Image.Resampling[interpolation.upper()])
    left, top = round((across - size) / 2), round((down - size) / 2)
    expected = np.asarray(whole)[top : top + size, left : left + size].astype(int)
    difference = np.abs(expected - resize_image(pixels, size, interpolation, transform))
    assert difference.max() <= 1


def test_inner_crop_has_256_and_224() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (256, 300, 3), dtype=np.uint8)
    assert np.array_equal(resize_image(pixels, 224, "nearest", "inner_crop"), pixels[16:240, 38:262])


def test_crop_of_an_extreme_strip_needs_little_memory() -> None:
    assert resize_image(np.zeros((1, 1_000_000, 3), np.uint8), 224, "bicubic", "crop").shape == (224, 224, 3)


@pytest.mark.parametrize("workers", [2, 7])
def test_same_bytes_whatever_the_workers_and_batches(root: Path, workers: int) -> None:
    names = locators(root)[::-1]
    expected = read_resized(reader(root), names, Resize(16), workers=1)
    batches = list(stream_resized(reader(root), names, Resize(16), workers=workers, batch_size=9))
    assert [len(batch) for batch in batches] == [9, 9, 9, 9, 4]
    assert np.array_equal(np.concatenate(batches), expected)


def test_streaming_is_lazy(root: Path) -> None:
    batches = stream_resized(reader(root), [*locators(root), *["gone.png"] * 200], Resize(8), batch_size=8)
    assert next(batches).shape == (8, 8, 8, 3)
    batches.close()


def test_no_locators_give_an_empty_array(root: Path) -> None:
    assert read_resized(reader(root), [], Resize(16)).shape == (0, 16, 16, 3)


def test_options_of_the_source_reach_the_reader(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 3
    ramp = np.repeat(np.arange(16, dtype=np.uint8)[None, :, None] * 16, 3, axis=2).repeat(16, axis=0)
    Image.fromarray(ramp).save(tmp_path / "a.png", exif=exif)
    turned = read_resized(reader(tmp_path), ["a.png"], Resize(16))
    plain = read_resized(reader(tmp_path, exif=False, pool_limit=3), ["a.png"], Resize(16))
    assert np.array_equal(plain[0], ramp) and np.array_equal(turned[0], ramp[::-1, ::-1])


def test_digits_are_read_too() -> None:
    images = read_resized(image_reader(digits, None, {}), ["0", "1", "0"], Resize(8))
    assert np.array_equal(images[0], digits.read_image(None, "0")) and np.array_equal(images[0], images[2])


def test_image_that_changed_after_indexing_is_named(root: Path) -> None:
    (root / "07.png").write_bytes((root / "07.png").read_bytes()[:200])
    with pytest.raises(
        ValueError, match=r"sample 07\.png was usable when it was indexed.*index the data set again"
    ):
        read_resized(reader(root), locators(root), Resize(16), workers=2)
    (root / "07.png").unlink()
    with pytest.raises(ValueError, match=r"sample 07\.png .*No such file"):
        read_resized(reader(root), ["07.png"], Resize(16))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"interpolation": "cubic"}, "interpolation: 'cubic'"),
        ({"transform": "pad"}, "transform: 'pad'"),
        ({"size": 0}, "size: 0"),
        ({"batch_size": 0}, "batch_size: 0"),
    ],
)
def test_unknown_settings_are_refused_at_once(root: Path, settings: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        size = settings.pop("batch_size", 1)
        stream_resized(reader(root), ["00.png"], Resize(**{"size": 8, **settings}), batch_size=size)


@pytest.mark.parametrize("transform", ["squash", "crop", "inner_crop"])
@pytest.mark.parametrize("size", [(20, 9), (32, 32), (60, 40), (300, 200), (40, 90)])
def test_a_larger_image_is_the_same_part_and_never_enlarged_beyond_its_pixels(transform, size):
    width, height = size
    across, down = np.linspace(0, 255, width), np.linspace(0, 255, height)[:, None]
    pixels = np.stack(np.broadcast_arrays(across, down, 255 - across), 2).round().astype(np.uint8)
    resize = Resize(32, "bicubic", transform)
    large = resize.apply_larger(pixels, 2.0)
    for length, own in zip(large.shape[:2], (height, width), strict=True):
        assert 32 <= length <= 64 and (length <= own or length == 32)
    if min(width, height) >= 80:
        assert large.shape[:2] == (64, 64)
    # the same part: both are alike when the larger one is made as small
    again = resize_image(large, 32, "bicubic").astype(float)
    assert np.abs(again - resize.apply(pixels)).max() < 4
    if width <= 32 and height <= 32:
        assert np.array_equal(large, resize.apply(pixels))
