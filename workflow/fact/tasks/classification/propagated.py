"""Propagated labels as a file: of every pool image its likeliest class, and how likely it is."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fact.infra.files.parquet import publish_parquet, read_parquet
from fact.infra.files.record import publish_record
from fact.training.propagation.propagate import Propagation
from fact.training.propagation.surest import surest_rows


class Propagated(NamedTuple):
    """Images of the pool, their likeliest classes (N,) int64, probabilities (N,) float32, and which are
    labelled.
    """

    sample_ids: list[str]
    labels: NDArray[np.int64]
    probabilities: NDArray[np.float32]
    labelled: NDArray[np.bool_]

    def surest(self, per_class: int) -> NDArray[np.int64]:
        """Return rows of the ``per_class`` surest unlabelled images of each class."""
        return surest_rows(self.labels, self.probabilities, ~self.labelled, per_class)

    def take(self, rows: NDArray[np.int64]) -> "Propagated":
        """Return the images of some rows."""
        ids = [self.sample_ids[row] for row in rows]
        return Propagated(ids, self.labels[rows], self.probabilities[rows], self.labelled[rows])


def publish_propagation(
    path: Path,
    result: Propagation,
    sample_ids: Sequence[str],
    labelled: Sequence[str],
    about: Mapping[str, object],
) -> None:
    """Publish the result, and beside it (``.json``) the shares of classes and the power that were used."""
    import pyarrow as pa

    known = set(labelled)
    columns = {
        "sample_id": list(sample_ids),
        "label": result.probabilities.argmax(axis=1).astype(np.int32),
        "probability": result.probabilities.max(axis=1),
        "labelled": [name in known for name in sample_ids],
    }
    publish_parquet(path, pa.table(columns))
    prior = [round(float(share), 6) for share in result.prior]
    publish_record(path.with_suffix(".json"), {**about, "class_shares": prior, "power": result.power})


def read_propagated(path: Path) -> Propagated:
    """Return what :func:`publish_propagation` wrote. Raises ArtifactError for a damaged file."""
    table = read_parquet(path)
    labels, probabilities, labelled = (
        table[name].to_numpy() for name in ("label", "probability", "labelled")
    )
    return Propagated(table["sample_id"].to_pylist(), labels.astype(np.int64), probabilities, labelled)
