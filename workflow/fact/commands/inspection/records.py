"""What a JSON file holds: a record of a job, or any other."""

import json
from collections.abc import Iterator
from pathlib import Path

from fact.commands.inspection.entry import Entry, short, stored
from fact.infra.errors import ArtifactError


def record_entries(path: Path) -> Iterator[Entry]:
    """Yield the content of a record, what made it last. Raises ArtifactError for a damaged one."""
    from fact.infra.files.record import read_record
    from fact.infra.process.made_by import lines_of

    record = read_record(path)
    yield Entry("content hash", "ok")
    told = ("device", "made_by") if "made_by" in record else ()
    yield from stored({name: value for name, value in record.items() if name not in told})
    if lines := list(lines_of(record)):
        yield Entry("made_by", {name: record.get(name) for name in told}, "\n".join(lines))


def json_entries(path: Path) -> Iterator[Entry]:
    """Yield the content of a JSON file without a checksum. Raises ArtifactError where it is none."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise ArtifactError(f"{path} is no record of this project ({error}); make it again") from error
    if isinstance(content, dict):
        yield from stored(content)
    else:
        yield Entry("content", content, f"content: {short(content)}")
