"""Every vote that was ever taken in: an append-only file, so that no table or disk that goes away takes one.

One line of JSON per vote, when it came or changed. A vote stands until the file that it came from says
something else of the same image; a file that is gone, or has lost the row, takes nothing back.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from fact.infra.errors import LabelError
from fact.infra.fields import Settings
from fact.project.labels.vote import Vote, parse_time

JOURNAL = "labels_journal.jsonl"
# labels of before the journal, which say nothing against anybody
EARLIER = "earlier labels"
# in front of the path of a file that was made again
GONE = "gone/"

# votes of each file, by its path in the project
Sources = Mapping[str, Sequence[Vote]]


class Key(NamedTuple):
    """Of whom and of what a vote is: later ones of the same key replace it."""

    source: str
    annotator: str
    sample_id: str


Standing = dict[Key, Vote]


def read_journal(path: Path) -> Standing:
    """Return the last vote of each key, those that were taken back (without a choice) among them.

    Raises LabelError for a line that is none; a last one without an end was cut off by a crash, and its
    vote is still in the file that it came from.
    """
    content = path.read_bytes() if path.is_file() else b""
    lines = content.split(b"\n")[:-1]
    return dict(_entry(path, number, line) for number, line in enumerate(lines, start=1) if line)


def append_votes(path: Path, votes: Standing) -> None:
    """Write votes behind those that are there, on the disk before this returns."""
    taken = datetime.now(UTC).isoformat(timespec="seconds")
    append_records(path, [vote_record(key, vote, taken) for key, vote in votes.items()])


def append_records(path: Path, records: Iterable[Settings]) -> None:
    """Write records as lines behind those that are there, on the disk before this returns.

    All of them, or none where the disk is full, which raises OSError. Other processes may append meanwhile.
    """
    content = "".join(f"{json.dumps(record)}\n" for record in records).encode()
    if not content:
        return
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        # held until the file is closed: a line must not be cut off while another process ends it
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        _end_last_line(descriptor)
        _write_all(descriptor, content)
    finally:
        os.close(descriptor)


def news(journal: Standing, sources: Sources) -> Standing:
    """Return what the files say that the journal does not know: new votes, changed ones, and cleared ones.

    A row without a choice takes back the vote that stood in it. It is no vote where there was none.
    """
    found: Standing = {}
    for source, votes in sources.items():
        for vote in votes:
            key = Key(source, vote.annotator, vote.sample_id)
            known = found.get(key, journal.get(key))
            cleared = known is not None and bool(known.choices)
            if vote.sample_id and (vote.choices or cleared) and not _same(vote, known):
                found[key] = vote
    return found


def still_standing(journal: Standing, sources: Sources) -> list[Vote]:
    """Return votes that no file holds any more.

    One that names nobody yields to any file that speaks of its image now; an earlier label to any vote; what
    was set aside to what the file said of the same image after it was made again.
    """
    present = {
        Key(source, vote.annotator, vote.sample_id) for source, votes in sources.items() for vote in votes
    }
    spoken = {vote.sample_id for votes in sources.values() for vote in votes if vote.choices}
    absent = {key: vote for key, vote in journal.items() if vote.choices and key not in present}
    again = {key._replace(source=f"{GONE}{key.source}") for key in absent}
    kept = {key: vote for key, vote in absent.items() if key.source != EARLIER and key not in again}
    voted = spoken | {key.sample_id for key in journal if key.source != EARLIER}
    earlier = [vote for key, vote in absent.items() if key.source == EARLIER and key.sample_id not in voted]
    return [vote for key, vote in kept.items() if not (_unnamed(key) and key.sample_id in spoken)] + earlier


def earlier_votes(labels: Mapping[str, str], journal: Standing) -> Standing:
    """Return labels that were given before the journal, for those that it does not know."""
    known = {key.sample_id for key in journal}
    return {
        Key(EARLIER, EARLIER, name): Vote(name, (label,), EARLIER, origin=EARLIER)
        for name, label in labels.items()
        if name not in known
    }


def set_aside(path: Path, source: str) -> None:
    """Keep the votes of a file that is made again, empty: its empty rows must not take them back."""
    own = {key: vote for key, vote in read_journal(path).items() if key.source == source and vote.choices}
    append_votes(path, {key._replace(source=f"{GONE}{source}"): vote for key, vote in own.items()})


def _unnamed(key: Key) -> bool:
    """Return whether the file's name stands for an annotator who is not named."""
    return key.annotator in key.source.split("/")


def _same(vote: Vote, known: Vote | None) -> bool:
    return known is not None and vote._replace(origin="") == known._replace(origin="")


def vote_record(key: Key, vote: Vote, taken: str) -> Settings:
    """Return a vote as a line of the journal holds it; ``taken``: when it was written, ISO 8601."""
    time = "" if vote.time.year == 1 else vote.time.isoformat()
    return {
        "taken": taken,
        "source": key.source,
        **vote._asdict(),
        "choices": list(vote.choices),
        "time": time,
    }


def _entry(path: Path, number: int, line: bytes) -> tuple[Key, Vote]:
    try:
        record = json.loads(line.decode("utf-8"))
        time = parse_time(record["time"], f"{path}, line {number}")
        fields = {name: record[name] for name in Vote._fields} | {
            "choices": tuple(record["choices"]),
            "time": time,
        }
        vote = Vote(**fields)
        return Key(record["source"], vote.annotator, vote.sample_id), vote
    except (ValueError, KeyError, TypeError) as error:
        raise LabelError(
            f"{path}, line {number} is no vote ({error}); delete that line, the others are kept"
        ) from error


def _end_last_line(descriptor: int) -> None:
    """Cut off a last line that a crash left without its end."""
    size = os.fstat(descriptor).st_size
    if size and os.pread(descriptor, 1, size - 1) != b"\n":
        os.ftruncate(descriptor, os.pread(descriptor, size, 0).rfind(b"\n") + 1)


def _write_all(descriptor: int, content: bytes) -> None:
    """Write the whole content onto the disk, or leave the file as it was."""
    size, written = os.fstat(descriptor).st_size, 0
    try:
        while written < len(content):
            written += os.write(descriptor, content[written:])
        os.fsync(descriptor)
    except OSError:
        with suppress(OSError):
            os.ftruncate(descriptor, size)
        raise


def all_votes(sources: Sources) -> Iterator[Vote]:
    """Yield the votes of all files, in order."""
    for votes in sources.values():
        yield from votes
