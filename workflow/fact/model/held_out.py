"""What was predicted of labelled images by models that had not seen them, read without torch."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fact.infra.errors import ArtifactError
from fact.infra.fields import Settings
from fact.infra.files.checksum import REMEDY
from fact.infra.files.tensor_arrays import read_arrays

# as in fact.model.validation, which imports torch
FORMAT, PLAIN, POOL = "fact-validation", "plain", "pool"


class HeldOut(NamedTuple):
    """Of m held-out images: ids, class positions of ``labels (m,)`` and ``probabilities (m, K)``, calibrated.

    ``left_out`` counts labelled images that could not be held out.
    """

    sample_ids: list[str]
    labels: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    left_out: int

    @property
    def predicted(self) -> NDArray[np.int64]:
        """Return the position (m,) of the likeliest class."""
        return self.probabilities.argmax(1)


def read_held_out(
    shares: Sequence[Path], label_of: Mapping[str, str], assessment: Settings, classes: Sequence[str]
) -> HeldOut:
    """Return the held-out predictions of the recipe that the ``assessment`` chose.

    ``shares``: files of :func:`fact.model.validation.save_validation` of that recipe; ``label_of``: class
    names by sample id. Raises FileNotFoundError, and ArtifactError for files of other images or classes.
    """
    from scipy.special import softmax

    kind, position = POOL if assessment["pool"] else PLAIN, {name: row for row, name in enumerate(classes)}
    found = [_read_share(path, kind, classes) for path in shares]
    ids = found[0][0]
    if any(names != ids for names, _ in found) or not all(label_of.get(name) in position for name in ids):
        raise ArtifactError(f"{shares[0].parent} is of other labelled images; {REMEDY}")
    logits = np.full((len(ids), len(classes)), np.nan)
    for _, own in found:
        known = ~np.isnan(own).any(1)
        logits[known] = own[known]
    known = ~np.isnan(logits).any(1)
    names = [name for name, there in zip(ids, known, strict=True) if there]
    labels = np.array([position[label_of[name]] for name in names], np.int64)
    probabilities = softmax(logits[known] / assessment["temperature"], axis=1)
    return HeldOut(names, labels, probabilities, left_out=len(ids) - len(names))


def _read_share(path: Path, kind: str, classes: Sequence[str]) -> tuple[list[str], NDArray[np.float64]]:
    """Return sample ids, and their logits (n, K), NaN where another share has them."""
    arrays, header = read_arrays(path)
    if header.get("format") != FORMAT or header["classes"] != list(classes):
        raise ArtifactError(f"{path} is no validation of these classes; {REMEDY}")
    ids = list(header["sample_ids"])
    # a share without a fold has no logits
    none = np.full((len(ids), len(classes)), np.nan)
    return ids, arrays[kind].astype(np.float64) if kind in arrays else none
