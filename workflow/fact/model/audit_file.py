"""The images of an audit as a file: a selection, and in its record the strata that they were drawn from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from fact.data.labels_file import read_labels
from fact.data.selection_file import read_chosen_paths, write_selection
from fact.infra.errors import ArtifactError, LabelError
from fact.infra.fields import Settings
from fact.infra.files.record import publish_record, read_record
from fact.model.audit import Stratum

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Draw:
    """Where the images of an audit were drawn from, and whether missing labels may be ignored.

    ``pool``: images that it was drawn from; ``model``: checksum of the weights by which the strata were made;
    ``checksums``: sha256 of the images by id, none in records of before.
    """

    strata: list[Stratum]
    paths: dict[str, str]
    seed: int
    pool: int
    model: str
    ignore_missing: bool = False
    checksums: Mapping[str, str] = field(default_factory=dict)

    @property
    def sample_ids(self) -> list[str]:
        """The images, in the order in which they are handed out."""
        return list(self.paths)


def write_draw(path: Path, draw: Draw, rows: "pd.DataFrame", scores: Sequence[float]) -> None:
    """Publish the draw; ``rows``: manifest rows of its images, in order; ``scores``: confidences."""
    record = {
        "strata": [part._asdict() for part in draw.strata],
        "seed": draw.seed,
        "pool": draw.pool,
        "model": draw.model,
        "ignore_missing": draw.ignore_missing,
        "sha256": dict(zip(rows["sample_id"], rows["sha256"], strict=True)),
        "score": "probability of the likeliest class",
    }
    write_selection(path, rows, list(scores), metadata=record)


def read_draw(path: Path) -> Draw:
    """Return the draw.

    Raises FileNotFoundError, and ArtifactError for a file that is damaged or no draw.
    """
    paths = read_chosen_paths(path)
    record = read_record(path.with_suffix(".json"))
    strata = _strata(path, record)
    if sorted(paths) != sorted(name for part in strata for name in part.sample_ids):
        raise ArtifactError(f"{path} has other images than its strata; begin anew: fact audit PROJECT --end")
    keys = ("seed", "pool", "model", "ignore_missing")
    own = {key: record[key] for key in keys}
    return Draw(strata, paths, checksums=record.get("sha256", {}), **own)


def accept_missing(path: Path) -> None:
    """Note in the record of a draw that missing labels may be ignored. Raises what :func:`read_draw` does."""
    read_draw(path)
    record = path.with_suffix(".json")
    publish_record(record, {**read_record(record), "ignore_missing": True})


def audit_labels(draw: Draw, labels: Path, trained: Path) -> dict[str, str]:
    """Return the labels of an audit's images by id.

    ``trained``: the labels that the model learns from. Raises LabelError where an image of the audit is among
    them, which would make it none.
    """
    learnt = read_labels(trained)
    if both := [name for name in draw.sample_ids if name in learnt]:
        raise LabelError(
            f"{trained} labels {both[0]} and {len(both) - 1} more images of the audit: the model would be "
            "measured on what it was trained on; take them out, or end the audit: fact audit PROJECT --end"
        )
    known = read_labels(labels)
    return {name: known[name] for name in draw.sample_ids if name in known}


def _strata(path: Path, record: Settings) -> list[Stratum]:
    if "strata" not in record:
        raise ArtifactError(f"{path} is a selection and no draw of an audit; name the one of fact audit")
    return [Stratum(**part) for part in record["strata"]]
