"""The decode policy, one kind of image file at a time."""

import io
import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from fact.data.decode import decode_image, image_size
from PIL import Image

NOISE = np.random.default_rng(0).integers(0, 256, (24, 32, 3), dtype=np.uint8)


def saved(image: Image.Image, kind: str, **options: object) -> io.BytesIO:
    file = io.BytesIO()
    image.save(file, kind, **options)
    file.seek(0)
    return file


def oriented(kind: str, orientation: int) -> io.BytesIO:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return saved(Image.fromarray(NOISE), kind, exif=exif)


def png(
    width: int, height: int, bits: int, colour: int, rows: list[bytes], *extra: tuple[bytes, bytes]
) -> io.BytesIO:
    """A PNG written by hand, for what Pillow does not write."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows))
    chunks = [(b"IHDR", header), *extra, (b"IDAT", pixels), (b"IEND", b"")]
    return io.BytesIO(b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*each) for each in chunks))


def test_rgb_comes_back_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(NOISE).save(path)
    pixels = decode_image(path)
    assert pixels.dtype == np.uint8 and np.array_equal(pixels, NOISE)
    pixels[0] = 0  # the array is the caller's own


def test_grey_is_repeated() -> None:
    grey = NOISE[..., 0]
    assert np.array_equal(decode_image(saved(Image.fromarray(grey), "PNG")), np.stack([grey] * 3, axis=-1))


def test_one_bit_is_black_and_white() -> None:
    picture = Image.fromarray(NOISE[..., 0] > 127)
    assert set(np.unique(decode_image(saved(picture, "PNG")))) == {0, 255}


def test_palette_is_looked_up() -> None:
    picture = Image.fromarray(NOISE).quantize(16)
    assert np.array_equal(decode_image(saved(picture, "PNG")), np.array(picture.convert("RGB")))


def test_alpha_is_composited_on_white() -> None:
    rgba = np.array([[[10, 20, 30, 255], [10, 20, 30, 0], [0, 0, 0, 128]]], np.uint8)
    assert decode_image(saved(Image.fromarray(rgba), "PNG"))[0].tolist() == [
        [10, 20, 30],
        [255] * 3,
        [127] * 3,
    ]


def test_grey_alpha_is_composited_on_white() -> None:
    picture = Image.merge("LA", [Image.new("L", (1, 1), 40), Image.new("L", (1, 1), 0)])
    assert decode_image(saved(picture, "PNG")).tolist() == [[[255] * 3]]


def test_transparent_palette_entry_and_colour_are_white() -> None:
    palette = Image.new("P", (2, 1))
    palette.putpalette([200, 0, 0, 0, 0, 200])
    palette.putpixel((1, 0), 1)
    assert decode_image(saved(palette, "PNG", transparency=0))[0].tolist() == [[255] * 3, [0, 0, 200]]
    rgb = Image.new("RGB", (1, 1), (7, 8, 9))
    assert decode_image(saved(rgb, "PNG", transparency=(7, 8, 9)))[0].tolist() == [[255] * 3]


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_is_not_inverted(kind: str) -> None:
    red = Image.new("CMYK", (8, 8), (0, 255, 255, 0))
    assert np.abs(decode_image(saved(red, kind)).astype(int) - [255, 0, 0]).max() <= 2


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_grey16_is_scaled_not_clipped(kind: str) -> None:
    values = np.array([[0, 255, 256, 0x8034, 65535]], np.uint16)
    assert decode_image(saved(Image.fromarray(values), kind))[0, :, 0].tolist() == [0, 0, 1, 0x80, 255]


def test_big_endian_grey16_tiff() -> None:
    values = np.array([[0x8034, 65535]], ">u2")
    picture = Image.frombytes("I;16B", (2, 1), values.tobytes())
    assert decode_image(saved(picture, "TIFF"))[0, :, 0].tolist() == [0x80, 255]


def test_pgm16_comes_as_32_bit_and_is_scaled() -> None:
    values = np.array([0, 0x8034, 65535], ">u2").tobytes()
    assert decode_image(io.BytesIO(b"P5\n3 1\n65535\n" + values))[0, :, 0].tolist() == [0, 0x80, 255]


def test_transparent_grey16_is_white() -> None:
    row = np.array([0x1234, 0x5678], ">u2").tobytes()
    file = png(2, 1, 16, 0, [row], (b"tRNS", struct.pack(">H", 0x1234)))
    assert decode_image(file)[0, :, 0].tolist() == [255, 0x56]


def test_rgb16_takes_the_high_bytes() -> None:
    row = np.array([0x1234, 0x5678, 0x9ABC], ">u2").tobytes()
    assert decode_image(png(1, 1, 16, 2, [row]))[0, 0].tolist() == [0x12, 0x56, 0x9A]


@pytest.mark.parametrize("value", [-1, 70_000])
def test_32_bit_beyond_16_bits_is_refused(value: int) -> None:
    picture = Image.fromarray(np.full((1, 1), value, np.int32))
    with pytest.raises(ValueError, match=f"{value}.*exceed 16 bits"):
        decode_image(saved(picture, "TIFF"))


def test_float_is_refused() -> None:
    with pytest.raises(ValueError, match="floating-point pixels"):
        decode_image(saved(Image.fromarray(np.ones((2, 2), np.float32)), "TIFF"))


@pytest.mark.parametrize(
    ("kind", "options"), [("GIF", {}), ("WEBP", {"lossless": True}), ("PNG", {}), ("TIFF", {})]
)
def test_first_frame_of_several(kind: str, options: dict[str, object]) -> None:
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue")]
    file = saved(frames[0], kind, save_all=True, append_images=frames[1:], **options)
    assert decode_image(file)[0, 0].tolist() == [255, 0, 0]


def test_two_pictures_of_a_phone_in_one_jpeg() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    file = saved(frames[0], "MPO", save_all=True, append_images=frames[1:])
    assert np.abs(decode_image(file)[0, 0].astype(int) - [255, 0, 0]).max() <= 2


TURNS = {
    1: lambda a: a,
    2: np.fliplr,
    3: lambda a: np.rot90(a, 2),
    4: np.flipud,
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.rot90(a, 2).transpose(1, 0, 2),
    8: lambda a: np.rot90(a, 1),
}


@pytest.mark.parametrize("orientation", TURNS)
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_exif_orientation_is_honoured(kind: str, orientation: int) -> None:
    pixels = decode_image(oriented(kind, orientation))
    assert np.array_equal(pixels, TURNS[orientation](NOISE))
    assert image_size(oriented(kind, orientation)) == pixels.shape[1::-1]


def test_exif_orientation_can_be_ignored() -> None:
    assert np.array_equal(decode_image(oriented("PNG", 6), exif=False), NOISE)
    assert image_size(oriented("JPEG", 6), exif=False) == (32, 24)
    assert image_size(oriented("JPEG", 6)) == (24, 32)


def test_exif_orientation_of_grey16() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = Image.fromarray(np.arange(0, 6 * 4096, 4096, dtype=np.uint16).reshape(2, 3))
    assert decode_image(saved(picture, "PNG", exif=exif)).shape == (3, 2, 3)


def test_unreadable_exif_does_not_cost_the_image() -> None:
    garbage = b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\x01\x12\0\x03"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert decode_image(saved(Image.fromarray(NOISE), "JPEG", exif=garbage)).shape == (24, 32, 3)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "PPM", "BMP", "WEBP", "TIFF", "GIF"])
@pytest.mark.parametrize("share", [0.05, 0.5, 0.9])
@pytest.mark.filterwarnings("ignore:Truncated File Read")
def test_truncated_files_are_errors(kind: str, share: float) -> None:
    data = saved(Image.fromarray(NOISE), kind).getvalue()
    with pytest.raises(ValueError, match=r"\w+"):
        decode_image(io.BytesIO(data[: int(len(data) * share)]))


def test_reasons_are_the_same_in_every_run() -> None:
    with pytest.raises(ValueError, match="not an image in a supported format") as first:
        decode_image(io.BytesIO(b"hello"))
    assert "0x" not in str(first.value)


def test_formats_that_run_programs_are_not_tried() -> None:
    with pytest.raises(ValueError, match="not an image in a supported format"):
        decode_image(io.BytesIO(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n"))


def test_too_many_pixels_are_refused_before_decoding() -> None:
    with pytest.raises(ValueError, match=r"32 × 24 = 768 pixels exceed max_pixels = 767"):
        decode_image(saved(Image.fromarray(NOISE), "PNG"), max_pixels=767)
    assert decode_image(saved(Image.fromarray(NOISE), "PNG"), max_pixels=768).shape == (24, 32, 3)


def test_pixel_bomb_is_refused() -> None:
    bomb = png(60_000, 60_000, 8, 2, [b""])
    with pytest.raises(ValueError, match="3600000000 pixels"):
        decode_image(bomb)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_limit_above_pillows_own_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert decode_image(saved(Image.fromarray(NOISE), "PNG"), max_pixels=1000).shape == (24, 32, 3)
