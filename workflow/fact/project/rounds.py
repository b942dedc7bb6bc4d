"""Rounds of labels: each keeps its model and its card, and a line says what its labels were worth."""

import filecmp
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from fact.infra.errors import ArtifactError
from fact.infra.fields import Settings
from fact.infra.files.publish import publish_text
from fact.infra.files.record import publish_record, read_record
from fact.model.audit import with_audit
from fact.project.folder import Project
from fact.project.hand_out import selections

FOLDER = "rounds"
ABOUT, PAGE = "round.json", "README.md"
# what is enough to predict with, and to know how well
KEPT = (
    "model.safetensors",
    "config.json",
    "made_by.json",
    "README.md",
    "estimate.json",
    "audit.json",
    "assessment.json",
)


def keep_round(project: Project, labels: Mapping[str, str]) -> None:
    """Keep the model of this round, in place of an earlier one of the same round.

    Files that are there already are left as they are.
    """
    number = round_of(project.folder, labels)
    folder, weights = project.folder / FOLDER / str(number), read_record(project.model / "config.json")
    about = {"round": number, "labels": len(labels), "weights_sha256": weights["weights_sha256"]}
    estimate = with_audit(*(read_record(project.model / f"{name}.json") for name in ("estimate", "audit")))
    about |= {name: estimate[name] for name in ("accuracy", "low", "high", "source")}
    folder.mkdir(parents=True, exist_ok=True)
    for name in KEPT:
        _place(project.model / name, folder / name)
    if not _says(folder / ABOUT, about):
        publish_record(folder / ABOUT, about)
    _write_page(project.folder)


def round_of(project: Path, labels: Mapping[str, str]) -> int:
    """Return the number of selections of which an image is labelled, at least 1."""
    return max(1, sum(any(name in labels for name in ids) for ids in selections(project)))


def round_lines(project: Path) -> Iterator[str]:
    """Yield a line for each round, where there are several."""
    records = round_records(project)
    if len(records) < 2:
        return
    for title, record in zip(["rounds:", *[""] * len(records)], records, strict=False):
        yield f"{title:<11}{record['round']}: {record['labels']} labels, {worth(record)}"


def round_records(project: Path) -> list[Settings]:
    """Return the records of all rounds, the first one first."""
    paths = (project / FOLDER).glob(f"*/{ABOUT}")
    return [read_record(path) for path in sorted(paths, key=lambda path: int(path.parent.name))]


def _write_page(project: Path) -> None:
    """Write a table of the rounds beside their models, where it says something else."""
    rows = [
        f"| {record['round']} | {record['labels']} | {worth(record)} | [card]({record['round']}/README.md) |"
        for record in round_records(project)
    ]
    head = ["# Rounds of labels", "", "| round | labels | accuracy | model |", "|---|---|---|---|"]
    text, path = "\n".join([*head, *rows]) + "\n", project / FOLDER / PAGE
    if not path.is_file() or path.read_text("utf-8") != text:
        publish_text(path, text)


def worth(record: Settings) -> str:
    """Return the accuracy of a round, its interval and where they come from."""
    if record["accuracy"] is None:
        return "accuracy not known"
    accuracy, low, high = (100 * float(record[name]) for name in ("accuracy", "low", "high"))
    how = "measured on an audit" if record["source"] == "audit" else "estimated"
    return f"{accuracy:.1f} % ({low:.1f} to {high:.1f}), {how}"


def _says(path: Path, about: Settings) -> bool:
    try:
        return read_record(path) == about
    except (FileNotFoundError, ArtifactError):
        return False


def _place(source: Path, target: Path) -> None:
    """Put a file there: the same one where the disk allows, as files of a model are only ever replaced."""
    if target.is_file() and (target.samefile(source) or filecmp.cmp(source, target, shallow=False)):
        return
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
