"""A JPEG of a camera made small in a fraction of the time that it takes to decode it as a whole."""

import hashlib
import io
from pathlib import Path

from PIL import Image, ImageOps

from fact.infra.errors import DataError

LARGEST = 2**27
"""Bytes of a file that is read here."""
MAGIC = b"\xff\xd8"


def quick_jpeg(path: Path, sha256: str, side: int, *, exif: bool) -> Image.Image | None:
    """Return the image in RGB, its shorter side at ``side`` or above; None for what is no plain JPEG file.

    Raises DataError for a file that is not the one of ``sha256``, which was decoded as a whole before.
    """
    if not path.is_file() or path.stat().st_size > LARGEST:
        return None
    data = path.read_bytes()
    if not data.startswith(MAGIC):
        return None
    if hashlib.sha256(data).hexdigest() != sha256:
        raise DataError(f"{path} was changed after it had been indexed")
    with Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
        if image.mode not in ("L", "RGB"):
            return None
        # JPEG stores what its sizes of 1/2, 1/4 and 1/8 are made of
        image.draft(image.mode, (side, side))
        image.load()
        if exif:
            ImageOps.exif_transpose(image, in_place=True)
        return image.convert("RGB")
