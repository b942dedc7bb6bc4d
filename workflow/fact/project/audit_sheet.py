"""The contact sheet of an audit's images."""

from collections.abc import Mapping

from fact.data.images import resize_image
from fact.data.sources.own_images import read_image
from fact.project.folder import Project
from fact.selection.contact_sheet import plain_sheet

THUMBNAIL = 104


def audit_sheet(project: Project, paths: Mapping[str, str]) -> str:
    """Return HTML of images, path by sample id. Raises DataError for one that cannot be read any more."""
    options = {key: project.dataset["options"][key] for key in ("exif", "max_pixels")}
    pixels = (read_image(project.images, path, **options) for path in paths.values())
    images = [resize_image(image, THUMBNAIL, "bicubic") for image in pixels]
    return plain_sheet(list(paths), images, f"{len(images)} images drawn at random, to measure the model on")
