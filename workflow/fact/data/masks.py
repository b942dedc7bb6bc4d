"""Masks: images whose pixels are class numbers.

A mask file has one channel. A grey value, or with a palette its index, is the class number as the data set
writes it; :class:`Coding` says which numbers are classes and which are ignored. In memory a mask is uint8
(height, width) of positions in the list of classes, :data:`IGNORE` where no class is meant.
"""

import io
from typing import NamedTuple

import numpy as np
from PIL import Image, UnidentifiedImageError

from fact.infra.errors import DataError

IGNORE = 255
# a class number must stay below IGNORE
MAX_CLASSES = 255
FORMATS = ("PNG", "TIFF", "BMP", "GIF", "PPM")
# one channel of whole numbers
MODES = ("1", "L", "P", "I", "I;16", "I;16B", "I;16L")


class Coding(NamedTuple):
    """``classes`` class numbers from ``first`` on; ``ignored`` numbers stand for no class.

    ``values``: the number of each class, where they do not follow each other, such as (0, 255).
    """

    classes: int
    ignored: tuple[int, ...] = (IGNORE,)
    first: int = 0
    values: tuple[int, ...] = ()


def decode_mask(data: bytes, coding: Coding) -> np.ndarray:
    """Return a mask file as uint8 (height, width) of class positions and IGNORE.

    Raises DataError with the reason alone for what is no whole mask: several channels, numbers that are
    neither classes nor ignored, a lossy format.
    """
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.mode not in MODES:
                raise DataError(
                    f"the mask is {image.mode}, of several channels; save class numbers as one 8-bit channel"
                )
            numbers = np.asarray(image).astype(np.int64)
    except UnidentifiedImageError as error:
        raise DataError(f"the mask is no image of a lossless format ({', '.join(FORMATS)})") from error
    except (OSError, SyntaxError) as error:  # Pillow raises either on damaged data
        raise DataError(f"the mask cannot be read: {error}") from error
    return positions(numbers, coding)


def positions(numbers: np.ndarray, coding: Coding) -> np.ndarray:
    """Return class numbers of any integer dtype as class positions, uint8.

    Raises DataError for unknown numbers.
    """
    shifted = _by_value(numbers, coding.values) if coding.values else numbers - coding.first
    ignored = np.isin(numbers, coding.ignored)
    unknown = ~ignored & ((shifted < 0) | (shifted >= coding.classes))
    if unknown.any():
        result = ", ".join(str(number) for number in np.unique(numbers[unknown])[:5])
        ignore = ", ".join(map(str, coding.ignored))
        known = ", ".join(map(str, coding.values)) or f"{coding.first}..{coding.first + coding.classes - 1}"
        raise DataError(
            f"the mask has {result} at {unknown.sum()} pixels; classes are {known}, "
            f"ignored {ignore or 'nothing'}"
        )
    return np.where(ignored, IGNORE, shifted).astype(np.uint8)


def _by_value(numbers: np.ndarray, values: tuple[int, ...]) -> np.ndarray:
    """Return the position of each number among the values, -1 for one that is none."""
    order = np.argsort(values)
    place = np.searchsorted(values, numbers, sorter=order).clip(max=len(values) - 1)
    return np.where(np.asarray(values)[order][place] == numbers, order[place], -1)


def class_pixels(mask: np.ndarray, classes: int) -> np.ndarray:
    """Return pixels of each class, int64 (classes,); ignored ones are not counted."""
    return np.bincount(mask[mask != IGNORE], minlength=classes).astype(np.int64)
