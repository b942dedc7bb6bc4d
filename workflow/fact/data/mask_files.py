"""Images with masks as a source: image files as :mod:`fact.data.image_files` has them, each with its mask.

A layout says where the images are and which mask belongs to which; an image whose mask is missing, of
another size or no mask is listed with its reason and passed over.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from fact.data.folder_layout import Candidate, Layout
from fact.data.image_files import existing_folder, index_files
from fact.data.manifest import FileOutcome, ManifestRow, SourceIndex, manifest_rows
from fact.data.masks import IGNORE, Coding, decode_mask
from fact.data.parallel import map_ordered
from fact.data.path_text import to_path, to_text
from fact.data.subset import Keep
from fact.data.walk import walk_images
from fact.infra.errors import DataError

NO_MASK = "has no mask"


class PairedFolders(NamedTuple):
    """A split: folders of images and of masks, relative to the root, with equal paths but for suffixes."""

    split: str
    images: str
    masks: str


class Pairs(NamedTuple):
    """Where a root has its splits, and what else lies there."""

    folders: list[PairedFolders]
    problems: list[tuple[str, str]]


def index_pairs(
    root: Path | None,
    pairs: Pairs,
    classes: Sequence[str],
    coding: Coding,
    keep: Keep,
    *,
    unlabelled: bool,
    workers: int,
    exif: bool = False,
) -> SourceIndex:
    """Return every usable image with a usable mask; class names are those given, and no row has a label.

    ``unlabelled``: images of the pool may lack a mask, to be chosen first and annotated after. ``exif``:
    masks were drawn on images turned upright. Classes without a pixel are listed as a problem. Raises
    FileNotFoundError without a root, DataError when no image of the pool is usable, and where masks with
    ignored pixels show a single class: then a class is taken for "ignored".
    """
    root = existing_folder(root)
    layout = Layout(
        [
            Candidate(path, part.split, None)
            for part in pairs.folders
            for path in walk_images(root, part.images)[0]
        ],
        list(classes),
        [*pairs.problems, *(problem for part in pairs.folders for problem in _left_over(root, part))],
    )
    index = index_files(root, lambda _: layout, keep, exif=exif, verify="full", workers=workers)
    check = partial(_check_mask, root, pairs.folders, coding, unlabelled=unlabelled)
    rows = list(manifest_rows(index.rows))
    found = list(map_ordered(check, rows, workers, ahead=1024))
    reasons = [outcome if isinstance(outcome, str) else None for outcome in found]
    pixels = sum((outcome for outcome in found if isinstance(outcome, np.ndarray)), np.zeros(IGNORE + 1, int))
    absent = _absent_classes(root, classes, pixels, unlabelled=unlabelled)
    usable = index.rows[[reason is None for reason in reasons]].reset_index(drop=True)
    result = [(row.locator, reason) for row, reason in zip(rows, reasons, strict=True) if reason]
    left_out = [(path, FileOutcome.UNREADABLE.value, reason) for path, reason in result]
    left_out += [(pairs.folders[0].masks, FileOutcome.IGNORED.value, reason) for reason in absent]
    problems = pd.concat([index.problems, pd.DataFrame(left_out, columns=index.problems.columns)])
    if not (usable["split"] == "pool").any():
        first = "; ".join(f"{path}: {reason}" for path, reason in result[:3])
        raise DataError(f"no image of the pool in {root} has a usable mask; {first}")
    return SourceIndex(
        usable, problems.sort_values(["path", "reason"], ignore_index=True).astype("str"), index.classes
    )


def read_mask_file(
    root: Path | None, folders: Sequence[PairedFolders], locator: str, coding: Coding
) -> np.ndarray:
    """Return the mask of an image, uint8 (height, width).

    Raises DataError naming the image when there is none.
    """
    try:
        return decode_mask(mask_bytes(existing_folder(root), folders, locator), coding)
    except ValueError as error:
        raise DataError(f"{locator} in {root}: {error}") from error


def mask_bytes(root: Path, folders: Sequence[PairedFolders], locator: str) -> bytes:
    """Return the bytes of an image's mask file.

    Raises DataError with the reason alone when there are none.
    """
    path = to_path(locator)
    (part,) = [part for part in folders if path.startswith(f"{part.images}/")]
    stem = Path(part.masks, Path(path).relative_to(part.images).with_suffix(""))
    file = next((file for file in _mask_files(root / stem) if file.is_file()), None)
    if file is None:
        raise DataError(f"{NO_MASK}; expected {to_text(str(stem))}.png")
    return file.read_bytes()


def _mask_files(stem: Path) -> list[Path]:
    return [stem.parent / f"{stem.name}{suffix}" for suffix in (".png", ".PNG", ".tif", ".tiff", ".bmp")]


def _absent_classes(root: Path, classes: Sequence[str], pixels: np.ndarray, *, unlabelled: bool) -> list[str]:
    """Return a line on classes without a pixel, where masks are there; ``pixels`` (256,) by position."""
    absent = [name for name, count in zip(classes, pixels, strict=False) if not count]
    if not pixels.any() or not absent:
        return []
    if len(absent) == len(classes) - 1 and pixels[IGNORE] and not unlabelled:
        share = pixels[IGNORE] / pixels.sum()
        raise DataError(
            f"the masks in {root} show one class alone, no pixel of {absent[0]!r}, and {share:.0%} of the "
            "pixels are ignored; where masks hold 0 and 255, say so: options: {values: [0, 255], ignore: []}"
        )
    shown = ", ".join(map(repr, absent[:5])) + (", …" if len(absent) > 5 else "")
    return [f"{len(absent)} of {len(classes)} classes have no pixel in any mask: {shown}"]


def _check_mask(
    root: Path, folders: Sequence[PairedFolders], coding: Coding, row: ManifestRow, *, unlabelled: bool
) -> str | np.ndarray | None:
    """Return the mask's pixels by position (256,), why the image cannot be used, or None without a mask."""
    try:
        mask = decode_mask(mask_bytes(root, folders, row.locator), coding)
    except (ValueError, OSError) as error:
        reason = str(error)
        allowed = unlabelled and row.split == "pool" and reason.startswith(NO_MASK)
        return None if allowed else reason
    if mask.shape != (row.height, row.width):
        height, width = mask.shape
        return f"the mask is {width} × {height}, the image {row.width} × {row.height}"
    return np.bincount(mask.ravel(), minlength=IGNORE + 1)


def _left_over(root: Path, part: PairedFolders) -> list[tuple[str, str]]:
    """Return files of a split that are no images, and masks without an image."""
    images, problems = walk_images(root, part.images)
    if not (root / part.masks).is_dir():
        return [*problems, (part.masks, "folder of masks is not there")]
    masks, others = walk_images(root, part.masks)
    names = {str(Path(path).relative_to(part.images).with_suffix("")) for path in images}
    alone = [path for path in masks if str(Path(path).relative_to(part.masks).with_suffix("")) not in names]
    return [*problems, *others, *((path, "mask without an image") for path in alone)]
