"""Small pictures of images of the pool, each once, and what becomes of one that cannot be read any more."""

import hashlib
import json
import os
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from PIL.Image import Image, Resampling, fromarray

from fact.data.contract import image_reader, load_source
from fact.data.file_version import file_version
from fact.data.parallel import map_ordered
from fact.data.path_text import to_path
from fact.data.quick_jpeg import quick_jpeg
from fact.infra.files.data_uri import data_uri
from fact.project.folder import Project
from fact.project.model_page.findings import Findings

SIDE, SMALL = 160, 64
"""Pixels of the longer side of a picture, and of one whose pixels are shown as squares."""
QUALITY, QUALITY_SMALL = 78, 92
FILES = "own_images"
"""The source whose images are files of their own."""


class Thumbnail(NamedTuple):
    """A picture as a data address, its number on the page, and its pixels."""

    number: int
    source: str
    width: int
    height: int

    @property
    def is_small(self) -> bool:
        """Whether every pixel of it is to be seen."""
        return max(self.width, self.height) <= SMALL


class Wanted(NamedTuple):
    """An image of the pool: where it is, and the checksum of the image that was indexed."""

    sample_id: str
    locator: str
    sha256: str


def wanted(findings: Findings, sample_ids: Iterable[str]) -> list[Wanted]:
    """Return each of the images once, in their order, without those that have left the pool."""
    names = list(dict.fromkeys(sample_ids))
    rows = findings.pool[findings.pool["sample_id"].isin(names)]
    known = {
        row[0]: Wanted(*row) for row in zip(rows["sample_id"], rows["locator"], rows["sha256"], strict=True)
    }
    return [known[name] for name in names if name in known]


def read_album(findings: Findings, images: Iterable[Wanted]) -> dict[str, Thumbnail]:
    """Return pictures by sample id, without those of images that are gone, changed or damaged since."""
    images, workers = list(images), len(os.sched_getaffinity(0))
    pictures = map_ordered(partial(_picture, _opener(findings.project)), images, workers)
    found = [(image, picture) for image, picture in zip(images, pictures, strict=True) if picture]
    return {image.sample_id: Thumbnail(number, *picture) for number, (image, picture) in enumerate(found)}


def _opener(project: Project) -> Callable[[Wanted], Image]:
    """Return what opens an image of a project's source, in RGB, perhaps smaller than it is."""
    root, options = project.images, project.dataset["options"]
    files = project.dataset["source"] == FILES
    read = image_reader(load_source(project.dataset["source"]), root, options)

    def opened(image: Wanted) -> Image:
        path, exif = root / to_path(image.locator), options.get("exif", True)
        quick = quick_jpeg(path, image.sha256, 2 * SIDE, exif=exif) if files else None
        return quick or fromarray(read(image.locator, image.sha256))

    return opened


def album_state(findings: Findings, images: Iterable[Wanted]) -> str:
    """Return a checksum that changes when a picture may: no image is read for it."""
    root = findings.project.images
    state = [[*image, _version(root / to_path(image.locator))] for image in images]
    return hashlib.sha256(json.dumps([state, SIDE, QUALITY, QUALITY_SMALL]).encode()).hexdigest()


def _version(path: Path) -> tuple[int, int] | None:
    try:
        return file_version(path)
    except OSError:
        return None


def _picture(opened: Callable[[Wanted], Image], image: Wanted) -> tuple[str, int, int] | None:
    """Return data address, width and height; None for an image that cannot be read as it was indexed."""
    try:
        small = opened(image)
    except (ValueError, OSError):
        return None
    small.thumbnail((SIDE, SIDE), Resampling.LANCZOS)
    quality = QUALITY_SMALL if max(small.size) <= SMALL else QUALITY
    return data_uri(small, "JPEG", quality=quality, optimize=True), *small.size
