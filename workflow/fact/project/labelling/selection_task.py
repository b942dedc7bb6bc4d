"""A selection of the workflow as a task for the page: its images, and masks to be checked beside them."""

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np
from PIL import Image, UnidentifiedImageError

from fact.config.paths import SELECTION
from fact.data.contract import image_reader, load_source
from fact.data.image_files import read_file
from fact.data.path_text import to_path
from fact.data.selection_file import read_chosen_paths
from fact.infra.errors import ConfigError, DataError, LabelError
from fact.infra.files.record import read_record
from fact.project.labelling.session import LabelSession
from fact.project.labelling.task import AskedImage, LabelTask
from fact.project.labels.declared_classes import declared_classes
from fact.project.labels.image_path import image_path
from fact.project.labels.import_labels import Asked, settle_votes
from fact.project.labels.journal import read_journal, still_standing
from fact.project.labels.reconcile import Reconciliation

MASK_VERDICTS = ("right", "wrong")
"""What is said of a mask: it is checked on the page, and drawn elsewhere."""
MASK_SUFFIXES = (".png", ".tif", ".tiff", ".bmp", ".gif")
SMALLEST_FOR_GREY = 8
RECORD = "source.json"
# the folder of all selections among the results
SELECTIONS = PurePosixPath(SELECTION).parts[1]


class SelectionPlace(NamedTuple):
    """``selection``: its file; ``images``: the folder that its paths are in; ``masks``: the one of the masks.

    ``out``: the table of labels; ``classes``: a file of class names, None where any name is a class. Without
    ``images`` they are read from the source of the dataset that the selection was made for.
    """

    selection: Path
    images: Path | None
    out: Path
    masks: Path | None = None
    classes: Path | None = None

    @property
    def journal(self) -> Path:
        """Where every key press is kept."""
        return self.out.with_suffix(".jsonl")


def selection_task(place: SelectionPlace) -> LabelTask:
    """Return what is to be labelled of a selection.

    Raises FileNotFoundError where a folder or the selection is missing, ArtifactError for another file.
    """
    for folder in filter(None, (place.images, place.masks)):
        if not folder.is_dir():
            raise FileNotFoundError(f"{folder} is not there; name the folder that the paths begin in")
    chosen = read_chosen_paths(place.selection)
    declared = declared_classes(place.classes) if place.classes else ()
    task = LabelTask(
        place.selection.name,
        [AskedImage(name, path, "", "selection") for name, path in chosen.items()],
        place.journal,
        _reader(place),
        classes=MASK_VERDICTS if place.masks else declared,
        read_mask=partial(read_mask, place.masks) if place.masks else None,
        declare=_refuse_new if declared or place.masks else None,
        exif=place.masks is None,
    )
    images = place.images
    return replace(task, file=lambda image: image_path(images, image.path)) if images else task


def _reader(place: SelectionPlace) -> Callable[[AskedImage], np.ndarray]:
    """Return what reads an image. Raises ConfigError where neither folder nor source is known."""
    images = place.images
    if images:
        return lambda image: read_file(images, image.path, None, exif=place.masks is None)
    record = source_record(place.selection)
    if not record.is_file():
        raise ConfigError(
            f"--selection {place.selection} lies in no results of a dataset ({record} is not there); give "
            "--images FOLDER, in which its paths begin"
        )
    source = read_record(record)
    root = Path(source["root"]) if source["root"] else None
    read = image_reader(load_source(source["source"]), root, {})
    return lambda image: read(image.path)


def source_record(selection: Path) -> Path:
    """Return where the record of a selection's source would be: results/sources/DATASET/source.json."""
    parts = Path(os.path.abspath(selection)).parts
    places = [number for number, part in enumerate(parts[:-1]) if part == SELECTIONS]
    if not places:
        return selection.parent / RECORD
    results = Path(*parts[: places[-1]])
    return results / "sources" / parts[places[-1] + 1] / RECORD


def write_labels_of(place: SelectionPlace, session: LabelSession) -> Reconciliation | None:
    """Publish one label per image, and what became of every vote; None where there is no label.

    Raises LabelError where labels contradict each other so that none is left.
    """
    votes = still_standing(read_journal(place.journal), {})
    if not any(vote.choices for vote in votes):
        return None
    asked = Asked(place.selection, None, place.classes, policy="majority")
    reports = [place.out.with_suffix(".report.md")]
    return settle_votes(votes, [session.task.title], asked, out=place.out, reports=reports)


def read_mask(folder: Path, image: AskedImage) -> np.ndarray:
    """Return the mask of an image, uint8 (H, W, 3): one colour per class, those of a palette as they are.

    It has the image's path below ``folder`` but for the suffix. Raises DataError where there is none.
    """
    stem = (folder / to_path(image.path)).with_suffix("")
    found = [path for suffix in MASK_SUFFIXES if (path := stem.with_suffix(suffix)).is_file()]
    if not found:
        raise DataError(f"{image.path} has no mask {stem.name}{MASK_SUFFIXES[0]} in {folder}")
    try:
        with Image.open(found[0]) as mask:
            return _coloured(mask)
    except (OSError, SyntaxError, UnidentifiedImageError) as error:
        raise DataError(f"{found[0]} cannot be read: {error}") from error


def _coloured(mask: Image.Image) -> np.ndarray:
    from fact.tasks.segmentation.panels import palette

    if mask.mode in ("P", "RGB", "RGBA"):
        return np.asarray(mask.convert("RGB"))
    numbers = np.asarray(mask).astype(np.int64)
    known = np.unique(numbers[numbers < 255])
    classes = int(known.max(initial=0)) + 1
    return palette(max(classes, SMALLEST_FOR_GREY))[np.clip(numbers, 0, 255)]


def _refuse_new(name: str) -> None:
    raise LabelError(f"{name!r} is none of the classes; add it to the file of --classes and begin again")
