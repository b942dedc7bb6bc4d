"""Labels that came back, in whichever of the formats."""

import json
from pathlib import Path

from fact.data.path_text import is_utf8, to_text
from fact.infra.errors import LabelError
from fact.project.labels.class_folders import read_class_folders
from fact.project.labels.fiftyone import read_fiftyone
from fact.project.labels.flat_record import flat_vote
from fact.project.labels.label_studio import read_label_studio
from fact.project.labels.sheet import read_sheet
from fact.project.labels.vote import Vote

SPREADSHEETS = (".xlsx", ".xls", ".ods", ".numbers")


def read_votes(path: Path) -> list[Vote]:
    """Return the votes in a folder (class folders), a ``.json`` (Label Studio, FiftyOne), a
    ``.jsonl`` or a table (else).

    Raises FileNotFoundError, and LabelError for a file that is none of these.
    """
    if path.is_dir():
        return read_class_folders(path)
    suffix = path.suffix.lower()
    if suffix == ".json":
        return _read_json(path)
    if suffix == ".jsonl":
        return _read_lines(path)
    if suffix in SPREADSHEETS:
        raise LabelError(f"{path} is a spreadsheet of {suffix}; save it as CSV UTF-8, and put that there")
    return read_sheet(path)


def _read_lines(path: Path) -> list[Vote]:
    """Return a vote for each line of JSON, such as Hugging Face's ``metadata.jsonl``."""
    votes, name = [], to_text(path.name)
    for number, line in enumerate(path.read_text("utf-8-sig").splitlines(), start=1):
        origin = f"{name}, line {number}"
        try:
            record = json.loads(line) if line.strip() else None
        except ValueError as error:
            raise LabelError(f"{path}, line {number} is no JSON ({error}); export it again") from error
        if isinstance(record, dict):
            votes.append(flat_vote(record, origin, name))
    return votes


def _read_json(path: Path) -> list[Vote]:
    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist; give the file that the labels came back in")
    try:
        content = json.loads(path.read_text("utf-8-sig"))
    except ValueError as error:
        raise LabelError(f"{path} cannot be read as JSON ({error}); export it again") from error
    if not is_utf8(json.dumps(content, ensure_ascii=False)):
        raise LabelError(f"{path} holds half a character (a lone surrogate); export it again")
    if isinstance(content, dict):
        return read_fiftyone(path, content)
    if isinstance(content, list):
        return read_label_studio(path, content)
    raise LabelError(f"{path} holds no labels; export JSON or JSON-MIN from Label Studio")
