"""Images as the page shows them: upright, whole, and no larger than a screen needs."""

import io
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

import numpy as np
from PIL import Image

from fact.data.images import Part
from fact.data.quick_jpeg import jpeg_bytes, shows_alike, small_jpeg
from fact.project.labelling.task import AskedImage, LabelTask

WHOLE, THUMBNAIL = 1600, 240
"""Pixels of the longer side, of an image to label and of one among others."""
SMALL = 128
"""Below it every pixel counts: such an image is sent without loss."""
SENT_BYTES = 2**20
"""A larger file is sent smaller than it is."""
HELD_BYTES = 128 * 2**20


# bytes and media type
Encoded = tuple[bytes, str]


class Shown:
    """Images of a task, encoded for a browser; those that were shown last are kept."""

    def __init__(self, task: LabelTask) -> None:
        self.task = task
        self._kept: OrderedDict[tuple[int, int, bool], Encoded] = OrderedDict()
        self._bytes, self._lock = 0, Lock()

    def encoded(self, number: int, side: int, *, mask: bool = False) -> Encoded:
        """Return an image's bytes and their media type. Raises DataError or OSError where it is gone."""
        key = (number, side, mask)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        image = self.task.images[number]
        quick = None if mask else self._quick(image, side)
        result = quick or encode(self._read(mask)(image), side, exact=mask)
        with self._lock:
            self._keep(key, result)
        return result

    def part(self, number: int) -> Part | None:
        """Return which part of an image the model sees, None where it is the whole."""
        if self.task.resize is None:
            return None
        return self.task.resize.seen(self._read(False)(self.task.images[number]))

    def _quick(self, image: AskedImage, side: int) -> Encoded | None:
        """Return a JPEG as it is where a browser shows it alike, or made small while it is decoded."""
        data = jpeg_bytes(self.task.file(image), image.sha256) if self.task.file else None
        if data is None:
            return None
        exif = self.task.exif
        if side == WHOLE and len(data) <= SENT_BYTES and shows_alike(data, side, exif=exif):
            return data, "image/jpeg"
        small = small_jpeg(data, side, exif=exif)
        return encode(np.asarray(small), side) if small else None

    def _read(self, mask: bool) -> Callable[[AskedImage], np.ndarray]:
        if mask and self.task.read_mask:
            return self.task.read_mask
        return self.task.read_image

    def _keep(self, key: tuple[int, int, bool], result: Encoded) -> None:
        if key not in self._kept:
            self._bytes += len(result[0])
        self._kept[key] = result
        while self._bytes > HELD_BYTES:
            self._bytes -= len(self._kept.popitem(last=False)[1][0])


def encode(pixels: np.ndarray, side: int, *, exact: bool = False) -> Encoded:
    """Return an image, uint8 (H, W, 3), with its longer side at ``side`` or at its own, and the media type.

    ``exact``: no colour is mixed with another, as in masks.
    """
    image, buffer = Image.fromarray(pixels), io.BytesIO()
    image.thumbnail((side, side), Image.Resampling.NEAREST if exact else Image.Resampling.LANCZOS)
    lossless = exact or max(pixels.shape[:2]) <= SMALL
    image.save(buffer, "PNG" if lossless else "JPEG", quality=88)
    return buffer.getvalue(), "image/png" if lossless else "image/jpeg"
