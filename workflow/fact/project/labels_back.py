"""Take back whatever was labelled: in the folders that were handed out, and in ``labels_back/``."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from fact.config.paths import AUDIT_DRAW, AUDIT_LABELS
from fact.data.labels_file import read_labels
from fact.data.manifest import read_files, read_manifest
from fact.data.path_text import to_text
from fact.data.selection_file import read_chosen_paths
from fact.data.sources.own_images import copies_of
from fact.data.walk import is_hidden
from fact.infra.errors import LabelError
from fact.model.audit_file import read_draw
from fact.project.audit import FOLDER as AUDITS
from fact.project.audit import audit_paths, ever_drawn
from fact.project.before import read_before
from fact.project.folder import INBOX, Project
from fact.project.hand_out import GIVE_LABELS, handed_out, selected_before
from fact.project.labels.declared_classes import declared_classes
from fact.project.labels.import_labels import Asked, settle_votes
from fact.project.labels.joining import Joiner
from fact.project.labels.journal import (
    JOURNAL,
    all_votes,
    append_votes,
    earlier_votes,
    news,
    read_journal,
    still_standing,
)
from fact.project.labels.read_votes import read_votes
from fact.project.labels.reconcile import Reconciliation
from fact.project.labels.vote import Vote

REPORTS = ("label_report.md", "label_report.json")


class LabelsBack(NamedTuple):
    """``labels`` by sample id; ``result`` of an import, None for a list of the user's own.

    ``audit``: what came back for the audit that stands, None where nothing did. ``gone``: images that had a
    label the last time and have none now.
    """

    labels: dict[str, str]
    result: Reconciliation | None
    audit: Reconciliation | None = None
    gone: Sequence[str] = ()


def take_back(project: Project) -> LabelsBack:
    """Publish ``labels.csv`` and the reports from all that came back, now or before.

    A ``labels.csv`` without a record beside it, or another list that the configuration names, is the user's
    own and taken as it is. Every vote is kept in the project's journal, so that a file that goes away takes
    no label with it (:mod:`fact.project.labels.journal`). Without any label nothing is written. Labels of an
    audit's images go into its own list, and are not trained on while it stands. Raises LabelError for a file
    that cannot be read and for an audit's label that is no class, and FileNotFoundError as reading does.
    """
    own = project.labels_are_own
    if own and project.audit is None:
        return LabelsBack(read_labels(project.labels), None)
    before = _labels_before(project)
    copies = copies_of(read_files(project.index / "files.csv"))
    votes = [_of_original(vote, copies) for vote in _all_votes(project, before, copies)]
    drawn = audit_paths(project)
    others = [vote for vote in votes if vote.sample_id not in drawn]
    back = LabelsBack(read_labels(project.labels), None) if own else _take_labels(project, others)
    own_votes = _of_drawn_images(project, [vote for vote in votes if vote.sample_id in drawn])
    audit = _take_audit(project, own_votes, back.labels)
    kept = {*back.labels, *drawn, *(name for name in copies if copies[name] in back.labels)}
    gone = [name for name in before if name not in kept]
    return back._replace(audit=audit, gone=[] if own else gone)


def _all_votes(project: Project, before: Mapping[str, str], copies: Iterable[str]) -> list[Vote]:
    """Return the votes of all files and those that stand without one; what is new goes into the journal.

    ``copies``: images that are not in the pool, and may be named all the same.
    """
    path = project.folder / JOURNAL
    journal = read_journal(path)
    sources = dict(_sources(project, {*(key.sample_id for key in journal), *copies}))
    new = news(journal, sources)
    known = journal | new
    new |= earlier_votes({**read_before(project.before), **_audited_before(project), **before}, known)
    append_votes(path, new)
    return [*all_votes(sources), *still_standing(journal | new, sources)]


def _of_original(vote: Vote, copies: Mapping[str, str]) -> Vote:
    """Return a vote on a copy as one on the image that stands for it."""
    if vote.sample_id not in copies:
        return vote
    return vote._replace(sample_id=copies[vote.sample_id], path="", sha256="")


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


def _sources(project: Project, spoken_of: Iterable[str]) -> Iterator[tuple[str, list[Vote]]]:
    """Yield the files and folders with votes, by their path in the project.

    Images that are away count too, those handed out and those ``spoken_of``: else a name that they share with
    one that is there would mean that one.
    """
    rows = read_manifest(project.index / "manifest.parquet")
    columns = (dict(zip(rows["sample_id"], rows[name], strict=True)) for name in ("locator", "sha256"))
    paths, checksums = columns
    away = [*selected_before(project.folder), *read_chosen_paths(project.selection), *ever_drawn(project)]
    known = {name: name for name in [*away, *spoken_of] if name}
    join = Joiner(known | paths, project.images, checksums)
    for path in _files(project):
        votes = [join.joined(vote) for vote in read_votes(path)]
        # a format that was handed out and not used says nothing
        if path.parent.name == INBOX or any(vote.choices for vote in votes):
            yield to_text(str(path.relative_to(project.folder))), votes


def _files(project: Project) -> Iterator[Path]:
    for folder in handed_out(project.folder):
        yield from (path for name in GIVE_LABELS if (path := folder / name).exists())
    inbox = project.folder / INBOX
    for path in sorted(inbox.iterdir()) if inbox.is_dir() else []:
        if not is_hidden(path.name):
            yield path


def _labels_before(project: Project) -> dict[str, str]:
    """Return the labels of the last time, none where there are none."""
    return {} if project.labels_are_own or not project.labels.is_file() else read_labels(project.labels)


def _audited_before(project: Project) -> dict[str, str]:
    lists = sorted(project.folder.glob(f"{AUDITS}*/{AUDIT_LABELS}"))
    return {name: label for path in lists for name, label in read_labels(path).items()}
