"""Labels that came back, in whichever of the formats."""

import json
from pathlib import Path

from fact.data.path_text import is_utf8
from fact.infra.errors import LabelError
from fact.project.labels.class_folders import read_class_folders
from fact.project.labels.coco import is_coco, read_coco
from fact.project.labels.cvat import read_cvat
from fact.project.labels.fiftyone import read_fiftyone
from fact.project.labels.label_studio import read_label_studio
from fact.project.labels.metadata_rows import read_json_lines, read_parquet_rows
from fact.project.labels.sheet import read_sheet
from fact.project.labels.vote import Vote

SPREADSHEETS = (".xlsx", ".xls", ".ods", ".numbers")
ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".7z", ".rar")


def read_votes(path: Path) -> list[Vote]:
    """Return the votes in a folder (class folders), a ``.json`` (Label Studio, FiftyOne, COCO), a ``.xml``
    (CVAT), a ``.jsonl`` or ``.parquet`` (Hugging Face) or a table (else).

    Raises FileNotFoundError, and LabelError for a file that is none of these.
    """
    if path.is_dir():
        return read_class_folders(path)
    suffix = path.suffix.lower()
    if suffix == ".json":
        return _read_json(path)
    if suffix in SPREADSHEETS:
        raise LabelError(f"{path} is a spreadsheet of {suffix}; save it as CSV UTF-8, and put that there")
    if suffix in ARCHIVES:
        raise LabelError(f"{path} is an archive; unpack it, and put the file with the labels there")
    readers = {".xml": read_cvat, ".jsonl": read_json_lines, ".parquet": read_parquet_rows}
    return readers.get(suffix, read_sheet)(path)


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
        return read_coco(path, content) if is_coco(content) else read_fiftyone(path, content)
    if isinstance(content, list):
        return read_label_studio(path, content)
    raise LabelError(f"{path} holds no labels; export JSON or JSON-MIN from Label Studio")
