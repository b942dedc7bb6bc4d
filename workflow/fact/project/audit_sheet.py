"""The contact sheet of an audit's images."""

from collections.abc import Mapping

from fact.config.settings import transforms
from fact.data.images import Resize, picture
from fact.data.sources.own_images import read_image
from fact.project.folder import Project
from fact.selection.contact_sheet import THUMBNAIL, plain_sheet


def audit_sheet(project: Project, paths: Mapping[str, str]) -> str:
    """Return HTML of images, path by sample id. Raises DataError for one that cannot be read any more."""
    options = {key: project.dataset["options"][key] for key in ("exif", "max_pixels")}
    resize = Resize(THUMBNAIL, transform=transforms(project.config, project.cell.dataset)[0])
    pixels = (read_image(project.images, path, **options) for path in paths.values())
    images = [picture(resize, image, THUMBNAIL) for image in pixels]
    return plain_sheet(list(paths), images, f"{len(images)} images drawn at random, to measure the model on")
