"""Files beside what was handed out which nothing reads: perhaps a sheet that was saved under another name."""

from pathlib import Path

from fact.data.walk import is_hidden
from fact.project.folder import Project
from fact.project.hand_out import GIVE_LABELS, LABEL_PAGE, RECORD, SHEET, handed_out
from fact.project.labels.read_votes import ARCHIVES, SPREADSHEETS

# what is written there by `fact run`
HANDED_OUT = {
    ".": (
        *(RECORD, "README.txt", LABEL_PAGE, "label_images", *GIVE_LABELS),
        *("label_studio", "fiftyone", "contact_sheet.html"),
    ),
    "label_studio": ("tasks.json", "label_config.xml"),
    "fiftyone": ("data", "labels.json", "mapping.csv"),
}


def unread_files(project: Project) -> list[Path]:
    """Return the files of the folders to label that were not handed out in them, in order."""
    return [
        path
        for folder in handed_out(project.folder)
        for place, own in HANDED_OUT.items()
        for path in sorted((folder / place).glob("*"))
        if path.name not in own and not is_hidden(path.name)
    ]


def remedy_of(path: Path, inbox: Path) -> str:
    """Return what to do with such a file, so that its labels count."""
    if path.suffix.lower() in SPREADSHEETS:
        return f"save it as CSV UTF-8, into {inbox}/ or over {path.parent / SHEET}"
    if path.suffix.lower() in ARCHIVES:
        return f"unpack it, and move the file with the labels into {inbox}/"
    return f"where it holds labels, move it into {inbox}/"
