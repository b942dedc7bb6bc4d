"""Everything that the page of a model is written from, read once."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fact.config.paths import POOL_PREDICTIONS, VALIDATION
from fact.config.settings import VALIDATION_SHARES
from fact.data.labels_file import read_labels
from fact.data.manifest import read_files, read_manifest
from fact.data.selection_file import read_selection
from fact.infra.errors import ArtifactError
from fact.infra.fields import Settings
from fact.infra.files.record import read_record
from fact.model.audit import with_audit
from fact.model.config_file import read_config
from fact.model.held_out import HeldOut, read_held_out
from fact.model.pool_predictions import PoolPredictions, read_pool_predictions
from fact.project.folder import Project
from fact.project.rounds import round_records

if TYPE_CHECKING:
    import pandas as pd

NEXT = "next_to_label.csv"


@dataclass(frozen=True)
class Findings:
    """Records, predictions and lists of a project whose model is up to date.

    ``pool``: manifest rows that may be labelled. ``held_out`` is None where the files are away.
    """

    project: Project
    config: Settings
    assessment: Settings
    estimate: Settings
    test: Settings
    exports: Settings
    files: dict[str, tuple[str, str]]
    pool: "pd.DataFrame"
    labels: dict[str, str]
    predictions: PoolPredictions
    following: list[str]
    held_out: HeldOut | None
    rounds: list[Settings]

    @property
    def classes(self) -> list[str]:
        """Class names in the order of the logits."""
        return list(self.config["classes"])

    def below(self, path: Path) -> str:
        """Return a path as it is from the project's folder, where the page lies."""
        return path.relative_to(self.project.folder).as_posix()


def read_findings(project: Project) -> Findings:
    """Read what the workflow wrote of this model. Raises FileNotFoundError and ArtifactError."""
    model, config = project.model, read_config(project.model)
    names = ("assessment", "estimate", "audit", "test", "exports")
    records = {name: read_record(model / f"{name}.json") for name in names}
    manifest, labels = read_manifest(project.index / "manifest.parquet"), read_labels(project.labels)
    predictions = read_pool_predictions(model / POOL_PREDICTIONS)
    return Findings(
        project,
        config,
        records["assessment"],
        with_audit(records["estimate"], records["audit"]),
        records["test"],
        records["exports"],
        files=read_files(project.index / "files.csv"),
        pool=manifest[manifest["split"] == "pool"],
        labels=labels,
        predictions=predictions,
        following=read_selection(model / NEXT) if predictions.sample_ids else [],
        held_out=_held_out(project, records["assessment"], labels, config["classes"]),
        rounds=round_records(project.folder),
    )


def _held_out(
    project: Project, assessment: Settings, labels: dict[str, str], classes: list[str]
) -> HeldOut | None:
    """Return the held-out predictions; None where their files, which nothing else needs, are away."""
    place = {"dataset": project.cell.dataset, "backbone": project.cell.backbone}
    names = [
        VALIDATION.format(candidate=assessment["recipe"], share=share, **place)
        for share in range(VALIDATION_SHARES)
    ]
    try:
        return read_held_out([project.folder / name for name in names], labels, assessment, classes)
    except (FileNotFoundError, ArtifactError):
        return None
