"""Held-out predictions of the chosen recipe, out of the files that assessment reads."""

from pathlib import Path

import numpy as np
import pytest
from fact.infra.errors import ArtifactError
from fact.model import held_out, validation
from fact.model.held_out import read_held_out
from fact.model.validation import save_validation
from scipy.special import softmax

CLASSES, IDS = ["cat", "dog"], ["a", "b", "c"]
LABELS = {"a": "cat", "b": "dog", "c": "dog"}
FOLD = np.array([0, 1, -1])
NAN = [np.nan, np.nan]
PLAIN, POOL = np.array([[2, 0], [3, 1], NAN]), np.array([[0, 2], [1, 3], NAN])


@pytest.fixture
def shares(tmp_path: Path) -> list[Path]:
    """Two shares of two folds; the third image could not be held out."""
    paths = []
    for share in (0, 1):
        own = (share == FOLD)[:, None]
        kinds = {name: np.where(own, of, np.nan) for name, of in (("plain", PLAIN), ("pool", POOL))}
        logits = {name: of.astype(np.float32) for name, of in kinds.items()}
        paths.append(tmp_path / f"frozen-{share}.safetensors")
        save_validation(paths[-1], logits, FOLD, {"sample_ids": IDS, "classes": CLASSES})
    return paths


def test_the_names_are_those_of_the_validation() -> None:
    for name in ("FORMAT", "PLAIN", "POOL"):
        assert getattr(held_out, name) == getattr(validation, name)


@pytest.mark.parametrize(("pool", "logits"), [(False, PLAIN), (True, POOL)])
def test_shares_are_put_together_and_calibrated(shares: list[Path], pool: bool, logits: np.ndarray) -> None:
    found = read_held_out(shares, LABELS, {"pool": pool, "temperature": 2.0}, CLASSES)
    assert (found.sample_ids, found.labels.tolist(), found.left_out) == (["a", "b"], [0, 1], 1)
    np.testing.assert_allclose(found.probabilities, softmax(logits[:2] / 2, axis=1))
    assert found.predicted.tolist() == [int(pool), int(pool)]


def test_a_share_without_a_fold_adds_nothing(shares: list[Path], tmp_path: Path) -> None:
    none = tmp_path / "none.safetensors"
    save_validation(none, {}, FOLD, {"sample_ids": IDS, "classes": CLASSES})
    found = read_held_out([shares[0], none], LABELS, {"pool": False, "temperature": 1.0}, CLASSES)
    assert found.sample_ids == ["a"] and found.left_out == 2


@pytest.mark.parametrize(
    ("labels", "classes"), [(LABELS, ["cat", "cow"]), ({"a": "cat", "b": "dog"}, CLASSES)]
)
def test_files_of_other_labels_or_classes_are_refused(
    shares: list[Path], labels: dict[str, str], classes: list[str]
) -> None:
    with pytest.raises(ArtifactError, match=r"frozen-0|other labelled images"):
        read_held_out(shares, labels, {"pool": False, "temperature": 1.0}, classes)
