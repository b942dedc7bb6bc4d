"""COCO JSON: ``images``, ``annotations`` and ``categories``, as annotation tools export it.

The class of an image is the category of its annotations: one where all agree, several where they do not, be
they boxes, masks or of the whole image. Format: cocodataset.org/#format-data.
"""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from fact.data.path_text import to_text
from fact.infra.errors import LabelError
from fact.project.labels.vote import Vote, distinct

KEYS = frozenset({"images", "annotations"})


def is_coco(content: Mapping) -> bool:
    """Return whether a JSON object is of COCO's form."""
    return content.keys() >= KEYS


def read_coco(path: Path, content: Mapping) -> list[Vote]:
    """Return a vote for each image of a parsed file, without a choice where nothing is annotated.

    An annotation of an image that is not listed is a vote without an image. Raises LabelError for captions
    without categories, and for another structure.
    """
    name = to_text(path.name)
    try:
        classes = {category["id"]: str(category["name"]) for category in content.get("categories", ())}
        images = {image["id"]: str(image["file_name"]) for image in content["images"]}
        _require_categories(path, content, classes)
        chosen: dict[object, list[str]] = defaultdict(list)
        for annotation in content["annotations"]:
            chosen[annotation["image_id"]].append(classes[annotation["category_id"]])
    except (KeyError, TypeError, AttributeError) as error:
        raise LabelError(
            f"{path} is no COCO file ({error!r} is missing or wrong); export it again"
        ) from error
    if len(images) < len(content["images"]):
        raise LabelError(f"{path} has two images of one id; export it again")
    places = [*images, *(image for image in chosen if image not in images)]
    return [
        Vote(images.get(image, ""), distinct(chosen.get(image, [])), name, origin=f"{name}, image {image}")
        for image in places
    ]


def _require_categories(path: Path, content: Mapping, classes: Mapping) -> None:
    if content["annotations"] and not classes:
        kind = "captions" if "caption" in content["annotations"][0] else "annotations"
        raise LabelError(f"{path} holds {kind} and no categories; export classes or boxes as COCO")
