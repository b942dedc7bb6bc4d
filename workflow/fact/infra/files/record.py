"""Records: small JSON files that carry their own checksum, so that a damaged one is never used."""

import hashlib
import json
from pathlib import Path

from fact.infra.errors import ArtifactError
from fact.infra.files.checksum import CHECKSUM, REMEDY, existing
from fact.infra.files.publish import publish_text


def publish_record(path: Path | str, record: dict) -> None:
    """Publish a mapping of plain JSON types with its checksum.

    Raises ValueError for NaN, for infinity and for a key of the checksum's name.
    """
    if CHECKSUM in record:
        raise ValueError(f"{path}: a record has no {CHECKSUM} of its own; rename that key")
    checked = {**record, CHECKSUM: record_sha256(record)}
    text = json.dumps(checked, indent=1, sort_keys=True, allow_nan=False, ensure_ascii=False)
    publish_text(path, text + "\n")


def read_record(path: Path | str) -> dict:
    """Return the content of a record, without its checksum.

    Raises FileNotFoundError, and ArtifactError for a file that is damaged, edited or no record.
    """
    path = existing(path)
    try:
        checked = json.loads(path.read_bytes().decode("utf-8"))
        checksum = checked.pop(CHECKSUM)
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise ArtifactError(f"{path} is no record of this project ({error}); {REMEDY}") from error
    if checksum != record_sha256(checked):
        raise ArtifactError(f"{path} was damaged or edited: it does not match its own {CHECKSUM}; {REMEDY}")
    return checked


def record_sha256(record: dict) -> str:
    """Return the checksum of a record's content, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(record, sort_keys=True, allow_nan=False).encode()).hexdigest()
