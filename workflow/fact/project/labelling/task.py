"""What is to be labelled on the page, wherever it comes from."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fact.data.images import Resize

AUDIT = "audit"
"""The part of images that measure a model: no probe learns from their labels, or suggests one."""


class AskedImage(NamedTuple):
    """An image that may be labelled. ``part`` says why it is asked for, such as a round or an audit."""

    sample_id: str
    path: str
    sha256: str
    part: str

    @property
    def key(self) -> str:
        """The name by which a page asks for it: it says nothing of a path, and stays with the image."""
        return hashlib.sha256(self.sample_id.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class LabelTask:
    """Images to label, by their numbers from 0 on, how they are read, and where the labels go.

    ``read_image`` and ``read_mask`` return uint8 (H, W, 3) and raise DataError or OSError for an image that
    is gone. ``resize``: which part of an image the model sees, None where nothing is cut off. ``classes``:
    names that are declared. ``declare``: adds a name to them, None where any name is a class. ``project``:
    the folder to train in, and ``features`` its frozen features; None where there are none. ``again`` makes
    the task anew, after more images were chosen. ``file``: where an image is, or would be as a file of its
    own; ``exif``: whether photographs are turned the way their EXIF says.
    """

    title: str
    images: Sequence[AskedImage]
    journal: Path
    read_image: Callable[[AskedImage], np.ndarray]
    classes: Sequence[str] = ()
    read_mask: Callable[[AskedImage], np.ndarray] | None = None
    resize: Resize | None = None
    declare: Callable[[str], None] | None = None
    project: Path | None = None
    features: Path | None = None
    groups: Sequence[str] = field(default_factory=list)
    file: Callable[[AskedImage], Path] | None = None
    exif: bool = True
    again: "Callable[[], LabelTask] | None" = None

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """Positions of the images by their keys."""
        return {image.key: number for number, image in enumerate(self.images)}
