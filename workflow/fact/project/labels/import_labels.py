"""Import: files that came back, to ``labels.csv`` and a report of what became of every vote."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from fact.data.labels_file import write_labels
from fact.data.path_text import to_text
from fact.data.selection_file import read_chosen_paths
from fact.infra.errors import LabelError
from fact.project.labels.declared_classes import declared_classes
from fact.project.labels.joining import Joiner
from fact.project.labels.read_votes import read_votes
from fact.project.labels.reconcile import Reconciliation, reconcile
from fact.project.labels.report import check_suffix, report_record, write_report
from fact.project.labels.vote import Vote


class Asked(NamedTuple):
    """What labels were asked for, and how they are to be settled.

    ``selection``: its images; ``manifest``: other images of its pool may be labelled too; ``classes``: a file
    of class names, none where any name is a class; ``policy``: see :mod:`fact.project.labels.reconcile`.
    """

    selection: Path
    manifest: Path | None
    classes: Path | None
    policy: str


def import_labels(files: Sequence[Path], asked: Asked, out: Path, reports: Sequence[Path]) -> Reconciliation:
    """Publish the reports and, where there is a label, ``out`` (``labels.csv``) and its record.

    Raises FileNotFoundError and LabelError for what cannot be read, and LabelError where no label is left:
    the reports then say why.
    """
    _check_names(out, reports)
    pool = _pool(asked.manifest)
    paths, checksums = ({name: row[part] for name, row in pool.items()} for part in (0, 1))
    join = Joiner(paths | read_chosen_paths(asked.selection), checksums=checksums)
    votes = [join.joined(vote) for file in files for vote in read_votes(file)]
    return settle_votes(votes, [to_text(file.name) for file in files], asked, out=out, reports=reports)


def settle_votes(
    votes: Sequence[Vote], files: Sequence[str], asked: Asked, out: Path, reports: Sequence[Path]
) -> Reconciliation:
    """Return the same for votes that were read from ``files``, which the record and the reports name."""
    classes = declared_classes(asked.classes) if asked.classes else None
    selected, pool = read_chosen_paths(asked.selection), _pool(asked.manifest)
    paths, checksums = ({name: row[part] for name, row in pool.items()} for part in (0, 1))
    result = reconcile(
        votes,
        list(selected),
        pool,
        classes=classes,
        policy=asked.policy,
        paths=paths | selected,
        checksums=checksums,
    )
    metadata = {"asked": len(selected), "policy": asked.policy, "files": list(files)}
    for report in reports:
        write_report(report, report_record(result, classes, metadata))
    if not result.labels:
        raise LabelError(f"not one label in {', '.join(files)} can be used; the report says why")
    names = classes or sorted(set(result.labels.values()))
    write_labels(out, result.labels, {**metadata, "classes": names})
    return result


def _pool(manifest: Path | None) -> dict[str, tuple[str, str]]:
    """Return path and sha256 by sample id."""
    if manifest is None:
        return {}
    from fact.data.manifest import read_manifest

    rows = read_manifest(manifest)
    pool = rows[rows["split"] == "pool"]
    return {name: (path, sha256) for name, path, sha256 in pool[["sample_id", "locator", "sha256"]].values}


def _check_names(out: Path, reports: Sequence[Path]) -> None:
    if out.suffix != ".csv":
        raise LabelError(f"labels are written as .csv, not {out.suffix!r}; rename {out}")
    for report in reports:
        check_suffix(report)
        if report == out.with_suffix(".json"):
            raise LabelError(f"{report} is the record beside {out.name}; give the report another name")
