"""Take back whatever was labelled: in the folders that were handed out, and in ``labels_back/``."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from fact.data.labels_file import read_labels
from fact.project.before import read_before
from fact.project.folder import Project
from fact.project.hand_out import SHEET, handed_out
from fact.project.labels.declared_classes import declared_classes
from fact.project.labels.import_labels import Asked, settle_votes
from fact.project.labels.read_votes import read_votes
from fact.project.labels.reconcile import Reconciliation
from fact.project.labels.vote import Vote

INBOX = "labels_back"
REPORTS = ("label_report.md", "label_report.json")
HANDED = (SHEET, "fiftyone/labels.json", "class_folders")


class LabelsBack(NamedTuple):
    """``labels`` by sample id; ``result`` of an import, None for a list of the user's own."""

    labels: dict[str, str]
    result: Reconciliation | None


def take_back(project: Project) -> LabelsBack:
    """Publish ``labels.csv`` and the reports from all that came back.

    A ``labels.csv`` without a record beside it is the user's own and taken as it is. Images that were
    labelled before and that no file speaks of any more keep their label. Without any label nothing is
    written. Raises LabelError for a file that cannot be read, and FileNotFoundError as reading does.
    """
    if project.labels.is_file() and not project.labels.with_suffix(".json").is_file():
        return LabelsBack(read_labels(project.labels), None)
    votes = list(_votes(project))
    votes += _carried(project, {vote.sample_id for vote in votes})
    if not any(vote.choices for vote in votes):
        return LabelsBack({}, None)
    asked = Asked(
        project.selection, project.index / "manifest.parquet", classes_file(project), policy="majority"
    )
    reports = [project.folder / name for name in REPORTS]
    result = settle_votes(
        votes, sorted({vote.annotator for vote in votes}), asked, out=project.labels, reports=reports
    )
    return LabelsBack(result.labels, result)


def project_classes(project: Project) -> list[str]:
    """Return the names of the classes; none where nothing declares them."""
    file = classes_file(project)
    return declared_classes(file) if file else []


def classes_file(project: Project) -> Path | None:
    """Return what declares the classes: ``classes.txt``, else the test folder."""
    named, tested = project.folder / "classes.txt", project.index / "classes.json"
    if named.is_file():
        return named
    return tested if project.dataset["options"].get("test") and tested.is_file() else None


def _votes(project: Project) -> Iterable[Vote]:
    for folder in handed_out(project.folder):
        for path in (folder / name for name in HANDED):
            if path.exists():
                yield from _labelled_or_cleared(read_votes(path))
    inbox = project.folder / INBOX
    for path in sorted(inbox.iterdir()) if inbox.is_dir() else []:
        if not path.name.startswith("."):
            yield from read_votes(path)


def _labelled_or_cleared(votes: list[Vote]) -> list[Vote]:
    """Return a format that was handed out and not used says nothing."""
    return votes if any(vote.choices for vote in votes) else []


def _carried(project: Project, spoken_of: set[str]) -> Iterable[Vote]:
    """Return labels from before, of images that no file speaks of."""
    known = read_labels(project.labels) if project.labels.is_file() else {}
    return [
        Vote(sample_id, (label,), "earlier labels", origin="earlier labels")
        for sample_id, label in {**read_before(project.before), **known}.items()
        if sample_id not in spoken_of
    ]
