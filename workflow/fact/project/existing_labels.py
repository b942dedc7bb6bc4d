"""Labels that are there before the project: tables, exports, class folders, put where labels come back."""

import shutil
from pathlib import Path

from fact.infra.errors import LabelError
from fact.infra.files.csv_file import csv_text
from fact.infra.files.publish import publish, publish_text
from fact.infra.files.spreadsheet import escape_formula
from fact.project.labels.read_votes import read_votes

FROM_FOLDERS = "class_folders.csv"
COLUMNS = ("path", "label", "sha256")


def take_in(inbox: Path, labels: Path) -> Path:
    """Copy a file into the inbox, or list the images of class folders there; return the path.

    It is read first, so that a file of another kind is refused while nothing is written: raises
    FileNotFoundError and LabelError.
    """
    if not labels.exists():
        raise FileNotFoundError(f"--labels {labels} does not exist; give a table, an export or class folders")
    votes = read_votes(labels)
    if not any(vote.choices for vote in votes):
        raise LabelError(
            f"--labels {labels} labels no image; give images in folders of their classes, or a table"
        )
    if labels.is_dir():
        path = inbox / FROM_FOLDERS
        rows = [
            [escape_formula(cell) for cell in (vote.sample_id, vote.choices[0], vote.sha256)]
            for vote in votes
        ]
        publish_text(path, csv_text([list(COLUMNS), *rows], quote_all=True))
        return path
    path = inbox / labels.name
    with publish(path) as temporary:
        shutil.copyfile(labels, temporary)
    return path
