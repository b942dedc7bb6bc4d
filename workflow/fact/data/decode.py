"""Decode an image file to 8-bit RGB, by one stated policy.

- grey is repeated in the three channels; a palette is looked up; CMYK, YCbCr and Lab are converted by
  Pillow (which takes the ink of every CMYK JPEG for inverted, as Adobe writes it);
- transparency (alpha channel, palette alpha, transparent colour) is composited on white;
- 16-bit grey is scaled by ``value >> 8``, never clipped; 32-bit integers are taken for 16-bit values in a
  wider container, and refused when they do not fit; floating-point pixels have no stated range: refused;
- of an animation or a multi-page file, the first frame counts;
- the EXIF orientation is honoured unless ``exif`` is false (a TIFF's orientation is part of its base
  format and always honoured);
- a damaged or truncated file is an error, never half an image.

Only the raster formats of ``FORMATS`` are tried, by content and not by file name: Pillow knows others that
run external programs.
"""

import io
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from fact.infra.errors import DataError

FORMATS = ("JPEG", "PNG", "PPM", "BMP", "WEBP", "TIFF", "GIF")
MAX_PIXELS = 178_956_970  # where Pillow begins to refuse
ORIENTATION = 0x0112
# of formats that are not called like their files
SUFFIXES = {"jpeg": "jpg", "tiff": "tif"}


def decode_image(
    path_or_file: str | Path | BinaryIO, *, exif: bool = True, max_pixels: int = MAX_PIXELS
) -> np.ndarray:
    """Return the first frame as a uint8 array (height, width, 3), RGB.

    Raises DataError with the reason alone (callers know the name) for whatever is not a whole, decodable
    image of at most ``max_pixels`` pixels.
    """
    try:
        with _open(path_or_file, max_pixels) as image:
            image.load()
            if exif:
                ImageOps.exif_transpose(image, in_place=True)
            return _to_rgb(image)
    except Exception as error:  # Pillow's plugins raise nearly any type on damaged data
        raise DataError(_reason(error)) from error


def image_size(
    path_or_file: str | Path | BinaryIO, *, exif: bool = True, max_pixels: int = MAX_PIXELS
) -> tuple[int, int]:
    """Return (width, height) after orientation, from the header alone.

    Raises DataError as :func:`decode_image`.
    """
    try:
        with _open(path_or_file, max_pixels) as image:
            # Pillow has already applied a TIFF's orientation to its size
            turned = exif and image.format != "TIFF" and image.getexif().get(ORIENTATION) in (5, 6, 7, 8)
            return image.size[::-1] if turned else image.size
    except Exception as error:
        raise DataError(_reason(error)) from error


def image_suffix(data: bytes) -> str:
    """Return the suffix that files of an image's format have, such as ``.jpg``, from its first bytes.

    Raises DataError as :func:`decode_image`.
    """
    try:
        with _open(io.BytesIO(data), MAX_PIXELS) as image:
            name = str(image.format).lower()
    except Exception as error:
        raise DataError(_reason(error)) from error
    return f".{SUFFIXES.get(name, name)}"


def _open(path_or_file: str | Path | BinaryIO, max_pixels: int) -> Image.Image:
    # Pillow's own limit is a module attribute; it must not be the lower of the two
    if Image.MAX_IMAGE_PIXELS is not None and max_pixels > 2 * Image.MAX_IMAGE_PIXELS:
        Image.MAX_IMAGE_PIXELS = -(-max_pixels // 2)
    image = Image.open(path_or_file, formats=FORMATS)
    width, height = image.size
    if width * height > max_pixels:
        raise DataError(f"{width} × {height} = {width * height} pixels exceed max_pixels = {max_pixels}")
    return image


def _to_rgb(image: Image.Image) -> np.ndarray:
    if image.mode == "F":
        raise DataError("floating-point pixels have no stated range; convert the image to 8 or 16 bits")
    if image.mode.startswith("I"):
        return _grey16_to_rgb(np.asarray(image), image.info.get("transparency"))
    if image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image.convert("RGBA"))
    return np.array(image.convert("RGB"))


def _grey16_to_rgb(values: np.ndarray, transparent: object) -> np.ndarray:
    if values.min() < 0 or values.max() > 0xFFFF:
        raise DataError(
            f"integer pixels from {values.min()} to {values.max()} exceed 16 bits; convert to 8 or 16 bits"
        )
    grey = (values >> 8).astype(np.uint8)
    if isinstance(transparent, int):
        grey[values == transparent] = 255
    return np.repeat(grey[..., None], 3, axis=-1)


def _reason(error: Exception) -> str:
    """Return a reason that is the same in every run: Pillow's own may hold a memory address."""
    if isinstance(error, UnidentifiedImageError):
        return f"not an image in a supported format ({', '.join(FORMATS)})"
    return str(error) or type(error).__name__
