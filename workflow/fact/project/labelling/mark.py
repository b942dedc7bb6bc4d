"""What one person said of one image by one key press, as the page sends it and as the journal holds it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from fact.infra.errors import LabelError
from fact.infra.fields import Settings
from fact.project.labelling.task import LabelTask
from fact.project.labels.journal import Key, vote_record
from fact.project.labels.vote import Vote, parse_time, plain_name

# where votes of the page come from
SOURCE = "fact label"
LABEL = "label"
KINDS = (LABEL, "clear", "skip", "unsure", "unusable")
"""A class is chosen, or what was said taken back; the image is left for later, hard to tell, or a bad one."""
LONGEST = 200
"""Characters of a class's name, an annotator's and an event's."""


class Mark(NamedTuple):
    """``event`` is a name of the page's own, by which a mark that is sent twice counts once.

    ``choice``: the class, of kind ``label``. ``suggested``: the class that the page showed before the choice.
    """

    event: str
    sample_id: str
    annotator: str
    kind: str
    choice: str
    suggested: str
    time: datetime


def read_mark(sent: object, task: LabelTask) -> Mark:
    """Return the mark that a page has sent. Raises LabelError for what no page of ours sends."""
    if not isinstance(sent, Mapping):
        raise LabelError("a mark is an object with event, image, annotator, kind and choice")
    key = sent.get("image")
    if not isinstance(key, str) or key not in task.numbers:
        raise LabelError(f"image {key!r:.40} was not asked for; load the page again")
    texts = {name: _text(sent, name) for name in ("event", "annotator", "kind", "choice", "suggested")}
    if texts["kind"] not in KINDS or bool(texts["choice"]) != (texts["kind"] == LABEL):
        raise LabelError(f"a mark of kind {texts['kind']!r} with the class {texts['choice']!r} says nothing")
    if not texts["event"] or not texts["annotator"]:
        raise LabelError("a mark has no event or nobody's name; write a name at `you`")
    return Mark(sample_id=task.images[task.numbers[key]].sample_id, time=datetime.now(UTC), **texts)


def class_name(text: str) -> str:
    """Return a class's name as labels hold it. Raises LabelError for one that cannot be a name."""
    name = plain_name(text)
    if not name or len(name) > LONGEST or not name.isprintable():
        raise LabelError(f"{name[:40]!r} cannot be a class; use 1 to {LONGEST} signs on one line")
    return name


def mark_record(mark: Mark, task: LabelTask, number: int) -> Settings:
    """Return the line of the journal; ``number`` is the image's."""
    image = task.images[number]
    vote = Vote(
        mark.sample_id,
        (mark.choice,) if mark.choice else (),
        mark.annotator,
        SOURCE,
        mark.time,
        path=image.path,
        sha256=image.sha256,
    )
    key = Key(SOURCE, mark.annotator, mark.sample_id)
    own = {"event": mark.event, "kind": mark.kind, "suggested": mark.suggested}
    return {**vote_record(key, vote, mark.time.isoformat(timespec="seconds")), **own}


def recorded_mark(record: Settings) -> Mark:
    """Return the mark of a line of the journal that came from the page."""
    choices = record["choices"]
    return Mark(
        record["event"],
        record["sample_id"],
        record["annotator"],
        record["kind"],
        choices[0] if choices else "",
        record["suggested"],
        parse_time(record["time"], SOURCE),
    )


def _text(sent: Mapping, name: str) -> str:
    value = sent.get(name, "")
    if not isinstance(value, str) or len(value) > LONGEST or not value.isprintable():
        raise LabelError(f"{name} of a mark is not one line of at most {LONGEST} signs")
    return class_name(value) if name == "choice" and value else plain_name(value)
