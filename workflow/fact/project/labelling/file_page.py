"""The page as one file for somebody without Python: images in it or beside it, labels in the browser."""

import base64
import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from fact.data.images import Part
from fact.infra.errors import DataError
from fact.infra.fields import Settings
from fact.infra.files.publish import publish, publish_text
from fact.project.labelling.page import render_page
from fact.project.labelling.pictures import encode
from fact.project.labelling.task import AskedImage, LabelTask

SIDE = 800
"""Pixels of an image's longer side: a page of a hundred images is some megabytes."""
EMBEDDED_BYTES = 24 * 2**20
"""Above it the images lie beside the page, in a folder: browsers are slow with larger pages."""
BESIDE = "label_images"
TABLE = "labels.csv"


class Encoded(NamedTuple):
    """An image of the page: its bytes and media type, and which part of it the model sees."""

    image: AskedImage
    content: bytes
    kind: str
    seen: Part | None


def write_label_page(path: Path, task: LabelTask, numbers: Sequence[int], title: str) -> None:
    """Publish the page of some of a task's images; those that are gone are left out.

    Images go into a folder ``label_images`` beside it where they are too many for one file.
    """
    images = list(_encoded(task, numbers))
    beside = sum(len(image.content) for image in images) > EMBEDDED_BYTES
    entries = [_entry(image, _file(path, image) if beside else _embedded(image)) for image in images]
    names = [image.image.sample_id for image in images]
    digest = hashlib.sha256(json.dumps([title, names]).encode()).hexdigest()[:16]
    data = {"id": digest, "file": TABLE, "classes": list(task.classes), "images": entries}
    publish_text(path, render_page(title, data, beside=beside))


def _encoded(task: LabelTask, numbers: Sequence[int]) -> Iterator[Encoded]:
    for number in numbers:
        image = task.images[number]
        try:
            pixels = task.read_image(image)
        except (DataError, OSError):
            # the served page and `fact run` say which; here nobody could bring it back
            continue
        seen = task.resize.seen(pixels) if task.resize else None
        yield Encoded(image, *encode(pixels, SIDE), seen)


def _entry(encoded: Encoded, address: str) -> Settings:
    image = encoded.image
    own = {"key": image.key, "sample_id": image.sample_id, "path": image.path, "part": ""}
    seen = {"part": list(encoded.seen)} if encoded.seen else None
    return {**own, "whole": address, "thumbnail": address, "seen": seen}


def _embedded(encoded: Encoded) -> str:
    return f"data:{encoded.kind};base64,{base64.b64encode(encoded.content).decode()}"


def _file(page: Path, encoded: Encoded) -> str:
    """Write an image beside the page and return its address as the page sees it."""
    name = f"{BESIDE}/{encoded.image.key}.{encoded.kind.removeprefix('image/')}"
    with publish(page.parent / name) as temporary:
        temporary.write_bytes(encoded.content)
    return name
