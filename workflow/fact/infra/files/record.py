"""Records: small JSON files that carry their own checksum, so that a damaged one is never used."""

import hashlib
import json
from pathlib import Path

from fact.infra.files.checksum import REMEDY, SEAL, existing
from fact.infra.files.publish import publish_text


def publish_record(path: Path | str, record: dict) -> None:
    """Publish a mapping of plain JSON types, sealed; JSON has no NaN or infinity, they are refused."""
    sealed = {**record, SEAL: record_sha256(record)}
    text = json.dumps(sealed, indent=1, sort_keys=True, allow_nan=False, ensure_ascii=False)
    publish_text(path, text + "\n")


def read_record(path: Path | str) -> dict:
    """The content of a record, without its seal.

    Raises FileNotFoundError, and ValueError for a file that is damaged, edited or no record.
    """
    path = existing(path)
    try:
        sealed = json.loads(path.read_bytes().decode("utf-8"))
        seal = sealed.pop(SEAL)
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise ValueError(f"{path} is no record of this project ({error}); {REMEDY}") from error
    if seal != record_sha256(sealed):
        raise ValueError(f"{path} was damaged or edited: it does not match its own {SEAL}; {REMEDY}")
    return sealed


def record_sha256(record: dict) -> str:
    """Checksum of a record's content, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(record, sort_keys=True, allow_nan=False).encode()).hexdigest()
