"""Segmentations of test images beside their truth, drawn by rule show_segmentations."""

from collections.abc import Mapping
from pathlib import Path

from PIL import Image

from fact.infra.errors import ArtifactError
from fact.infra.files.data_uri import data_uri
from fact.report.page.section import Links, Picture, Section

QUALITY = 85
"""Of WebP: a quarter of the PNG's bytes, edges of masks still sharp."""
NOTE = (
    "Test images, their true masks and what each method says of them, of one setting and the first seed. The "
    "key of colours and all other settings are on the pages that the links lead to."
)
MISSING = "No table of this run is of segmentation."


def segmentations_section(pictures: Mapping[str, Path], pages: Mapping[str, str]) -> Section:
    """Show pictures of example predictions, with links to their pages.

    ``pictures``: files of :func:`~fact.tasks.segmentation.panels.save_picture`; ``pages``: addresses; both
    by caption.
    """
    if not pictures:
        return Section("segmentations", "Segmentations", NOTE, parts=(), missing=MISSING)
    links = Links("All settings, with the key of colours (they lie beside this page, in results/)", pages)
    parts = [_picture(caption, path) for caption, path in pictures.items()]
    return Section("segmentations", "Segmentations", NOTE, parts=[*parts, links])


def _picture(caption: str, path: Path) -> Picture:
    """Return the picture of a file. Raises FileNotFoundError for a missing one and ArtifactError for one
    without a description.
    """
    with Image.open(path) as image:
        if "Description" not in image.info:
            raise ArtifactError(f"{path} does not say what it shows; delete it and run again")
        source = data_uri(image, "WEBP", quality=QUALITY, method=6)
    return Picture(f"{caption}, {image.info['Description']}", source, image.width, height=image.height)
