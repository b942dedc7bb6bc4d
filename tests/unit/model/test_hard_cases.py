"""Few and lopsided labels: a model comes out, and its card says how far to trust it."""

from pathlib import Path

import numpy as np
import pytest
from delivered import DEVICE, READING, digits_weights, labelled_digits
from fact.model.assessment import Validated, assess
from fact.model.audit import NO_AUDIT, with_audit
from fact.model.card import card
from fact.model.deliver import deliver, preprocessing
from fact.model.estimate import LEVEL, estimate, read_measured
from fact.model.labelled import LabelledImages
from fact.model.loaded import load_model
from fact.model.phases import Phases, fit_phases, logits_of
from fact.model.validation import fold_fitter, out_of_fold
from fact.training.computing import Computing
from fact.training.heads.spec import read_head_spec

HEAD = {"kind": "lr", "pooling": "pooled", "C": "cv", "C_grid": [1.0, 100.0], "folds": 3, "fallback_C": 100.0}
PHASES = Phases(None, None, read_head_spec(HEAD), "fp32", 64)
EXPORTS = {"onnx": {"1": 0.0}, "timm": "backbone"}


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return digits_weights(tmp_path_factory.mktemp("weights"))


def with_counts(counts: dict[int, int], num_classes: int = 10) -> LabelledImages:
    """So many images of each digit; classes without one stay."""
    data = labelled_digits(800)
    keep = np.zeros(len(data.labels), bool)
    for digit, count in counts.items():
        keep[np.flatnonzero(data.labels == digit)[:count]] = True
    few = data.rows(keep)
    return LabelledImages(few.trained, few.scored, few.labels, few.sample_ids, num_classes)


def model_and_card(data: LabelledImages, weights: Path, folder: Path) -> tuple[dict, dict, str]:
    classes = [str(digit) for digit in range(data.num_classes)]
    found, fold = out_of_fold(4, data, 0, fold_fitter(weights, PHASES, Computing(DEVICE, 0)))
    logits = found.get("plain", np.full((len(fold), data.num_classes), np.nan, np.float32))
    fitted = fit_phases(weights, data, PHASES, Computing(DEVICE, 0))
    record, _ = assess(
        Validated({"frozen": logits}, fold, data.labels, classes),
        logits_of(fitted, data.scored, PHASES, DEVICE),
        0,
    )
    metadata = {"preprocessing": preprocessing(fitted.spec, READING)}
    deliver(folder, fitted, PHASES, data, classes, assessment=record, metadata=metadata)
    model = load_model(folder, "cpu")
    found = estimate(read_measured(record["measured"]), model.probabilities(data.scored))._asdict()
    found = with_audit(found | {"level": LEVEL, "unlabelled": 9}, NO_AUDIT)
    test = {"images": 0, "accuracy": None, "of_learnt_groups": 0}
    return record, found, card(model.config, record, found, test, EXPORTS, "digits")


def test_one_image_a_class(weights: Path, tmp_path: Path) -> None:
    data = with_counts(dict.fromkeys(range(10), 1))
    record, found, text = model_and_card(data, weights, tmp_path)
    assert record["recipe"] == "frozen" and record["temperature"] == 1.0
    assert (found["accuracy"], found["low"], found["high"]) == (None, 0.0, 1.0)
    assert "Not known" in text and "fallbacks" in text and "cannot say" in text


@pytest.mark.slow
def test_a_class_without_a_label(weights: Path, tmp_path: Path) -> None:
    data = with_counts(dict.fromkeys(range(9), 5))
    record, _, text = model_and_card(data, weights, tmp_path)
    assert record["classes"][9] == {"name": "9", "labels": 0, "accuracy": None}
    assert "No label for 9" in text
    nines = labelled_digits(200)
    predicted = load_model(tmp_path, "cpu").probabilities(nines.scored[nines.labels == 9])
    assert predicted.shape[1] == 10 and (predicted[:, 9] < 0.01).all()


@pytest.mark.slow
def test_two_classes(weights: Path, tmp_path: Path) -> None:
    record, found, _ = model_and_card(with_counts({0: 12, 1: 12}, num_classes=2), weights, tmp_path)
    assert record["measured"]["accuracy"] > 0.9 and found["low"] < 0.9 < found["high"]


def test_fifty_to_one(weights: Path, tmp_path: Path) -> None:
    record, found, text = model_and_card(with_counts({0: 50, 1: 1}, num_classes=2), weights, tmp_path)
    assert record["measured"]["held_out"] == 50 and found["low"] < found["high"] == pytest.approx(1)
    assert "One label for 1" in text and "0 has 50 labels and 1 1" in text


def test_one_class_alone_is_an_error() -> None:
    with pytest.raises(ValueError, match="all of one class"):
        with_counts({3: 5}).check()
