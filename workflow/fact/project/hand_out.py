"""Hand out the images to label: one folder with every format. What is there is never written over."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from fact.infra.files.publish import publish_text
from fact.infra.files.record import publish_record, read_record
from fact.project.labels.class_folders import folder_name, write_class_folders
from fact.project.labels.fiftyone import write_fiftyone
from fact.project.labels.journal import JOURNAL, set_aside
from fact.project.labels.label_studio import write_label_studio
from fact.project.labels.sheet import write_sheet
from fact.project.shown import shown

FOLDER = "to_label"
RECORD = "handed_out.json"
SHEET = "to_label.csv"
LABEL_PAGE = "label.html"
# what of it labels come back in, where it lies
GIVE_LABELS = (SHEET, "labels.csv", "fiftyone/labels.json", "class_folders")
HOW_TO = """\
Label the images in one of these ways, then run again:  fact run {project}
Partial labels are fine. Nothing in this folder is written over; delete a part of it to have it made again.

In the browser, by keys, every key press saved:  fact label {project}

label.html          a page like it as one file, for somebody without FACT: open it in a browser, with the
                    folder label_images if there is one; put the labels.csv that it saves here
{sheet}        fill in the column `label` (any spreadsheet; save as CSV)
class_folders/      drag each image from unlabelled/ into the folder of its class (make folders as you like)
{more}
Labels are joined by sample_id, never by file name. Files that come back from elsewhere go into
{inbox}/: tables (CSV), Label Studio's JSON, JSON-MIN and CSV.
"""
WITH_CLASSES = """\
label_studio/       tasks.json and label_config.xml: start Label Studio with
                      LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED=true
                      LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT={root}
                    paste label_config.xml under Labeling Interface, add a Local Files storage for
                      {images}
                    (do not synchronise it), import tasks.json, and put the export into {inbox}/{hidden}
fiftyone/           a FiftyOneImageClassificationDataset; export labels.json over the one that is there
"""
WITHOUT_CLASSES = """\
Label Studio and FiftyOne want the names of the classes: write them into {classes}, one per line, and run
again.
"""
# what a browser cannot show
NOT_SHOWN = (".tif", ".tiff", ".ppm", ".pgm")


class Batch(NamedTuple):
    """What is to be labelled: path and sha256 by sample id, in order, and what the formats need besides.

    ``checksums`` are empty for an image of an audit that has left the index since.

    ``note``: what the labeller should know, a line for ``README.txt``; empty for none. ``audit``: whether
    they were drawn at random, to measure on.
    """

    paths: Mapping[str, str]
    checksums: Mapping[str, str]
    images: Path
    classes: Sequence[str]
    note: str = ""
    audit: bool = False

    def there(self) -> dict[str, str]:
        """Return paths of images that the index still has: they have a checksum."""
        return {name: path for name, path in self.paths.items() if self.checksums.get(name) != ""}


def hand_out(project: Path, batch: Batch, write_page: Callable[[Path], None]) -> Path:
    """Return the folder that holds these images to label, with every format that it lacks written into it.

    Images that have left the index since are left out of what is written now. ``write_page`` writes the page
    to label on in a browser, without a server.

    It is the one that was made for just these images, or a new one: ``to_label``, then ``to_label_2``.
    """
    digest = hashlib.sha256(json.dumps(list(batch.paths)).encode()).hexdigest()
    folder = _folder(project, digest)
    for name in GIVE_LABELS:
        if not (folder / name).exists():
            set_aside(project / JOURNAL, f"{folder.name}/{name}")
    _unless_there(folder / SHEET, lambda path: write_sheet(path, batch.there()))
    _unless_there(folder / LABEL_PAGE, write_page)
    options = (batch.there(), batch.images, batch.classes)
    _unless_there(folder / "class_folders", lambda path: write_class_folders(path, *options))
    for name in map(folder_name, batch.classes):
        (folder / "class_folders" / name).mkdir(exist_ok=True)
    if batch.classes:
        _unless_there(folder / "label_studio", lambda path: _label_studio(path, batch))
        _unless_there(folder / "fiftyone", lambda path: write_fiftyone(path, *options))
    publish_text(folder / "README.txt", _how_to(project, batch))
    own = {"images": len(batch.paths), "sample_ids": list(batch.paths), "audit": batch.audit}
    publish_record(folder / RECORD, {"sample_ids_sha256": digest, **own})
    return folder


def handed_out(project: Path) -> list[Path]:
    """Return the folders that were handed out, the first one first."""
    result = project.glob(f"{FOLDER}*/{RECORD}")
    return sorted((path.parent for path in result), key=lambda folder: (len(folder.name), folder.name))


def selected_before(project: Path) -> set[str]:
    """Return the sample ids of all selections that were handed out, those of audits left out."""
    return {name for ids in selections(project) for name in ids}


def selections(project: Path) -> list[list[str]]:
    """Return the sample ids of each selection that was handed out, the first one first; none of an audit's.

    Folders of before have no list of them, until their selection is handed out again.
    """
    records = [read_record(folder / RECORD) for folder in handed_out(project)]
    return [record.get("sample_ids", []) for record in records if not record.get("audit")]


def _folder(project: Path, digest: str) -> Path:
    folders = handed_out(project)
    same = [folder for folder in folders if read_record(folder / RECORD)["sample_ids_sha256"] == digest]
    if same:
        return same[-1]
    number = 1
    while (folder := project / (FOLDER if number == 1 else f"{FOLDER}_{number}")) in folders:
        number += 1
    return folder


def _unless_there(path: Path, write: Callable[[Path], None]) -> None:
    if not path.exists():
        write(path)


def _label_studio(folder: Path, batch: Batch) -> None:
    place, there = batch.images.name, batch.there()
    write_label_studio(folder, there, batch.classes, served_as=place, checksums=batch.checksums)


def _how_to(project: Path, batch: Batch) -> str:
    inbox = project / "labels_back"
    hidden = sum(path.lower().endswith(NOT_SHOWN) for path in batch.paths.values())
    words = {
        "root": batch.images.parent,
        "images": batch.images,
        "inbox": inbox,
        "classes": project / "classes.txt",
        "hidden": f"\n                    ({hidden} of the images are of a kind that it cannot show)"
        * (hidden > 0),
    }
    more = (WITH_CLASSES if batch.classes else WITHOUT_CLASSES).format(**words)
    return batch.note + HOW_TO.format(project=shown(project), sheet=SHEET, more=more, inbox=inbox)
