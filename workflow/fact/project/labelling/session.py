"""The labels of a task as they stand: read from the journal, and written there before anybody is told."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from fact.infra.fields import Settings
from fact.project.labelling.mark import LABEL, SOURCE, Mark, class_name, mark_record, recorded_mark
from fact.project.labelling.task import AUDIT, LabelTask
from fact.project.labels.journal import EARLIER, append_records, read_journal
from fact.project.labels.journal import Standing as Journal


class Standing(NamedTuple):
    """What somebody says of an image now."""

    image: int
    annotator: str
    kind: str
    choice: str


class LabelSession:
    """A task, and what everybody has said of its images."""

    def __init__(self, task: LabelTask) -> None:
        self.task = task
        self.number = {image.sample_id: number for number, image in enumerate(task.images)}
        self.events: set[str] = set()
        self._standing: dict[tuple[int, str], Standing] = {}
        self.classes = list(task.classes)
        journal = read_journal(task.journal)
        for mark in self._marks():
            self._keep(mark)
        for standing in self._of_files(journal):
            self._standing.setdefault((standing.image, standing.annotator), standing)
        for standing in self._standing.values():
            self._know(standing.choice)

    def record(self, marks: Sequence[Mark]) -> list[Standing]:
        """Write marks into the journal and return what stands; those that were sent before are left out.

        Raises OSError where the disk is full: then none of them counts.
        """
        new = [mark for mark in _once(marks) if mark.event not in self.events]
        for mark in new:
            if mark.choice and mark.choice not in self.classes:
                self.add_class(mark.choice)
        records = [mark_record(mark, self.task, self.number[mark.sample_id]) for mark in new]
        append_records(self.task.journal, records)
        return [self._keep(mark) for mark in new]

    def add_class(self, text: str) -> str:
        """Return the name of a class, which is known from now on. Raises LabelError for one that is none."""
        name = class_name(text)
        if name not in self.classes:
            if self.task.declare:
                self.task.declare(name)
            self.classes.append(name)
        return name

    def standing(self) -> list[Standing]:
        """Return what everybody says of every image; nothing of those where all was taken back."""
        return [standing for standing in self._standing.values() if standing.kind != "clear"]

    def labels(self) -> dict[int, str]:
        """Return one class by image, where all who name one agree."""
        return {image: choices.pop() for image, choices in self._said().items() if len(choices) == 1}

    def learnt_from(self) -> dict[int, str]:
        """Return the same without images of an audit, which measure what is learnt from the others."""
        return {
            image: label for image, label in self.labels().items() if self.task.images[image].part != AUDIT
        }

    def _said(self) -> dict[int, set[str]]:
        said: dict[int, set[str]] = {}
        for standing in self._standing.values():
            if standing.kind == LABEL:
                said.setdefault(standing.image, set()).add(standing.choice)
        return said

    def _keep(self, mark: Mark) -> Standing:
        image = self.number[mark.sample_id]
        self.events.add(mark.event)
        standing = Standing(image, mark.annotator, mark.kind, mark.choice)
        self._standing[image, mark.annotator] = standing
        return standing

    def _know(self, name: str) -> None:
        if name and name not in self.classes:
            self.classes.append(name)

    def _marks(self) -> list[Mark]:
        """Return the marks of the page on the task's images, in order, from a journal that can be read."""
        path = self.task.journal
        lines = journal_lines(path.read_bytes() if path.is_file() else b"")
        return [recorded_mark(line) for line in lines if line["sample_id"] in self.number]

    def _of_files(self, journal: Journal) -> Iterator[Standing]:
        """Yield labels that came from files, under the name of the file where it names nobody."""
        for key, vote in journal.items():
            given = key.source not in (SOURCE, EARLIER) and len(vote.choices) == 1
            if given and key.sample_id in self.number:
                yield Standing(self.number[key.sample_id], key.annotator, LABEL, vote.choices[0])


def journal_lines(content: bytes) -> Iterator[Settings]:
    """Yield the whole lines of a journal that came from the page."""
    for line in content.split(b"\n")[:-1]:
        if line and (record := json.loads(line)).get("source") == SOURCE:
            yield record


def _once(marks: Iterable[Mark]) -> list[Mark]:
    return list({mark.event: mark for mark in marks}.values())
