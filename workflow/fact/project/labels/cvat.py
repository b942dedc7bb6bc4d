"""CVAT for images 1.1: ``annotations.xml`` with an ``<image name=…>`` for each image.

The class is the label of the image's ``<tag>``. Where it has none, its shapes (``<box>``, ``<polygon>``, …)
stand for it: one class where all agree, several where they do not.
Format: docs.cvat.ai/docs/dataset_management/formats/format-cvat.
"""

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from fact.data.path_text import to_text
from fact.infra.errors import LabelError
from fact.project.labels.vote import Vote, distinct

ROOT, IMAGE, TAG, TRACK = "annotations", "image", "tag", "track"
REMEDY = "export from CVAT as `CVAT for images 1.1`, and put its annotations.xml there"


def read_cvat(path: Path) -> list[Vote]:
    """Return a vote for each image, without a choice where nothing is annotated.

    Raises FileNotFoundError, and LabelError for XML of another kind.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist; give the file that the labels came back in")
    name = to_text(path.name)
    try:
        return [_vote(path, image, name) for image in _images(path)]
    except ElementTree.ParseError as error:
        raise LabelError(f"{path} cannot be read as XML ({error}); {REMEDY}") from error


def _images(path: Path) -> Iterator[ElementTree.Element]:
    """Yield the images, each as soon as it is read.

    Raises LabelError where there is none, and for a video.
    """
    events = ElementTree.iterparse(path, events=("start", "end"))
    _, root = next(events)
    found = 0
    for event, element in events:
        if event == "end" and element.tag in (IMAGE, TRACK) and root.tag == ROOT:
            if element.tag == TRACK:
                raise LabelError(f"{path} holds tracks of a video; {REMEDY}")
            yield element
            found += 1
            root.clear()
    if not found:
        raise LabelError(f"{path} holds no <{IMAGE}> within <{ROOT}>; {REMEDY}")


def _vote(path: Path, image: ElementTree.Element, source: str) -> Vote:
    name = image.get("name")
    if not name:
        raise LabelError(f"{path}: <{IMAGE} id={image.get('id')!r}> has no name; {REMEDY}")
    labels = [(part.tag, part.get("label")) for part in image]
    tags = [label for kind, label in labels if kind == TAG and label]
    choices = distinct(tags or [label for _, label in labels if label])
    return Vote(name, choices, source, origin=f"{source}, image {image.get('id')}")
