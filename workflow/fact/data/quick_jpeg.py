"""A JPEG of a camera made small in a fraction of the time that it takes to decode it as a whole."""

import hashlib
import io
from pathlib import Path

from PIL import Image, ImageOps

from fact.data.decode import ORIENTATION
from fact.infra.errors import DataError

LARGEST = 2**27
"""Bytes of a file that is read here."""
MAGIC = b"\xff\xd8"
MODES = ("L", "RGB")


def jpeg_bytes(path: Path, sha256: str | None) -> bytes | None:
    """Return the bytes of a JPEG file; None for what is none.

    Raises DataError for a file that is not the one of ``sha256``, which was decoded as a whole before.
    """
    if not path.is_file() or path.stat().st_size > LARGEST:
        return None
    data = path.read_bytes()
    if not data.startswith(MAGIC):
        return None
    if sha256 and hashlib.sha256(data).hexdigest() != sha256:
        raise DataError(f"{path} was changed after it had been indexed")
    return data


def quick_jpeg(path: Path, sha256: str, side: int, *, exif: bool) -> Image.Image | None:
    """Return the image in RGB, its shorter side at ``side`` or above; None for what is no plain JPEG file.

    Raises DataError for a file that is not the one of ``sha256``, which was decoded as a whole before.
    """
    data = jpeg_bytes(path, sha256)
    return None if data is None else small_jpeg(data, side, exif=exif)


def small_jpeg(data: bytes, side: int, *, exif: bool) -> Image.Image | None:
    """Return a JPEG in RGB, its shorter side at ``side`` or above; None where its colours are others."""
    with Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
        if image.mode not in MODES:
            return None
        # JPEG stores what its sizes of 1/2, 1/4 and 1/8 are made of
        image.draft(image.mode, (side, side))
        image.load()
        if exif:
            ImageOps.exif_transpose(image, in_place=True)
        return image.convert("RGB")


def shows_alike(data: bytes, side: int, *, exif: bool) -> bool:
    """Return whether a browser shows a JPEG as it is read here, and none of its sides is above ``side``."""
    with Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
        # browsers turn photographs the way their EXIF says
        upright = exif or image.getexif().get(ORIENTATION, 1) == 1
        return image.mode in MODES and upright and max(image.size) <= side
