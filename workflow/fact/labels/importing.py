"""Import: files that came back, to ``labels.csv`` and a report of what became of every vote."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from fact.data.names import to_text
from fact.labels.classes import declared_classes
from fact.labels.listing import write_labels
from fact.labels.reading import read_votes
from fact.labels.reconcile import Reconciliation, reconcile
from fact.labels.report import check_suffix, report_record, write_report
from fact.selection.listing import read_chosen_paths


class Asked(NamedTuple):
    """What labels were asked for, and how they are to be settled.

    ``selection``: its images; ``manifest``: other images of its pool may be labelled too; ``classes``: a file
    of class names, none where any name is a class; ``policy``: see :mod:`fact.labels.reconcile`.
    """

    selection: Path
    manifest: Path | None
    classes: Path | None
    policy: str


def import_labels(files: Sequence[Path], asked: Asked, out: Path, reports: Sequence[Path]) -> Reconciliation:
    """Publish the reports and, where there is a label, ``out`` (``labels.csv``) and its record.

    Raises FileNotFoundError and ValueError for what cannot be read, and ValueError where no label is left:
    the reports then say why.
    """
    _check_names(out, reports)
    classes = declared_classes(asked.classes) if asked.classes else None
    votes = [vote for file in files for vote in read_votes(file)]
    selected, pool = read_chosen_paths(asked.selection), _pool_paths(asked.manifest)
    found = reconcile(votes, list(selected), pool, classes, asked.policy, pool | selected)
    about = {"asked": len(selected), "policy": asked.policy, "files": [to_text(file.name) for file in files]}
    for report in reports:
        write_report(report, report_record(found, classes, about))
    if not found.labels:
        raise ValueError(f"not one label in {', '.join(about['files'])} can be used; the report says why")
    names = classes or sorted(set(found.labels.values()))
    write_labels(out, found.labels, {**about, "classes": names})
    return found


def _pool_paths(manifest: Path | None) -> dict[str, str]:
    if manifest is None:
        return {}
    from fact.data.manifest import read_manifest

    rows = read_manifest(manifest)
    return rows[rows["split"] == "pool"].set_index("sample_id")["locator"].to_dict()


def _check_names(out: Path, reports: Sequence[Path]) -> None:
    if out.suffix != ".csv":
        raise ValueError(f"labels are written as .csv, not {out.suffix!r}; rename {out}")
    for report in reports:
        check_suffix(report)
        if report == out.with_suffix(".json"):
            raise ValueError(f"{report} is the record beside {out.name}; give the report another name")
