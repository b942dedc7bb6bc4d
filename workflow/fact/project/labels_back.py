"""Take back whatever was labelled: in the folders that were handed out, and in ``labels_back/``."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from fact.config.paths import AUDIT_DRAW, AUDIT_LABELS
from fact.data.labels_file import read_labels
from fact.infra.errors import LabelError
from fact.model.audit_file import read_draw
from fact.project.audit import FOLDER as AUDITS
from fact.project.audit import audit_paths
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
    """``labels`` by sample id; ``result`` of an import, None for a list of the user's own.

    ``audit``: what came back for the audit that stands, None where nothing did.
    """

    labels: dict[str, str]
    result: Reconciliation | None
    audit: Reconciliation | None = None


def take_back(project: Project) -> LabelsBack:
    """Publish ``labels.csv`` and the reports from all that came back.

    A ``labels.csv`` without a record beside it is the user's own and taken as it is. Images that were
    labelled before and that no file speaks of any more keep their label. Without any label nothing is
    written. Labels of an audit's images go into its own list, and are not trained on while it stands. Raises
    LabelError for a file that cannot be read and for an audit's label that is no class, and FileNotFoundError
    as reading does.
    """
    own = project.labels.is_file() and not project.labels.with_suffix(".json").is_file()
    if own and project.audit is None:
        return LabelsBack(read_labels(project.labels), None)
    votes = list(_votes(project))
    votes += _carried(project, {vote.sample_id for vote in votes})
    drawn = audit_paths(project)
    others = [vote for vote in votes if vote.sample_id not in drawn]
    back = LabelsBack(read_labels(project.labels), None) if own else _take_labels(project, others)
    own_votes = _of_drawn_images(project, [vote for vote in votes if vote.sample_id in drawn])
    audit = _take_audit(project, own_votes, back.labels)
    return back._replace(audit=audit)


def _take_labels(project: Project, votes: Sequence[Vote]) -> LabelsBack:
    """Publish what is trained on."""
    if not any(vote.choices for vote in votes):
        return LabelsBack({}, None)
    result = _settled(project, votes, project.selection, out=project.labels)
    return LabelsBack(result.labels, result)


def _of_drawn_images(project: Project, votes: Sequence[Vote]) -> list[Vote]:
    """Return votes with the sha256 of the image that was drawn: another one of its name has no label yet."""
    if project.audit is None:
        return []
    known = read_draw(project.audit / AUDIT_DRAW).checksums
    return [vote._replace(sha256=vote.sha256 or known.get(vote.sample_id, "")) for vote in votes]


def _take_audit(project: Project, votes: Sequence[Vote], trained: Mapping[str, str]) -> Reconciliation | None:
    """Publish what the model is measured on; without declared classes a label must be one of the trained."""
    if project.audit is None or not any(vote.choices for vote in votes):
        return None
    if classes_file(project) is None:
        known = set(trained.values())
        for vote in votes:
            if wrong := [name for name in vote.choices if name not in known]:
                raise LabelError(
                    f"{vote.origin}: {vote.sample_id} of the audit is labelled {wrong[0]!r}, which is no "
                    f"class of the model; mend it, or name all classes in {project.folder / 'classes.txt'}"
                )
    return _settled(project, votes, project.audit / AUDIT_DRAW, out=project.audit / AUDIT_LABELS)


def _settled(project: Project, votes: Sequence[Vote], selection: Path, out: Path) -> Reconciliation:
    """Publish one label per image, and the reports beside it."""
    asked = Asked(selection, project.index / "manifest.parquet", classes_file(project), policy="majority")
    names = sorted({vote.annotator for vote in votes})
    return settle_votes(votes, names, asked, out=out, reports=[out.parent / name for name in REPORTS])


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
    lists = [project.labels, *sorted(project.folder.glob(f"{AUDITS}*/{AUDIT_LABELS}"))]
    known = {name: label for path in lists if path.is_file() for name, label in read_labels(path).items()}
    return [
        Vote(sample_id, (label,), "earlier labels", origin="earlier labels")
        for sample_id, label in {**read_before(project.before), **known}.items()
        if sample_id not in spoken_of
    ]
