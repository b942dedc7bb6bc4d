import json

import numpy as np
import pytest
from fact.tasks.classification.score import classification_metrics, per_class_accuracy, top1
from fact.tasks.publish import Outcome, score_record

LOGITS = np.array([[2.0, 1, 0, 0], [0, 3, 1, 0], [5, 1, 0, 0], [0, 0, 1, 0]], np.float32)
LABELS = np.array([0, 1, 1, 2])


def record(**changes) -> dict:
    metrics = classification_metrics(LOGITS, LABELS, changes.get("history") or [])
    parameters = {"trainable": 3, "total": 9}
    given = {"metrics": metrics, "test_images": 4, "parameters": parameters, "seconds": {}} | changes
    return score_record({"recipe": "ff", "epochs": 2}, Outcome(**given))


def test_top1_is_the_share_of_hits():
    assert top1(LOGITS, LABELS) == 0.75
    assert top1(LOGITS, np.array([3, 3, 3, 3])) == 0.0


def test_a_class_without_test_images_has_no_accuracy():
    assert per_class_accuracy(LOGITS, LABELS) == [1.0, 0.5, 1.0, None]


def test_record_holds_scores_and_everything_given():
    history = [{"epoch": 0, "loss": 2.0, "top1": 0.8}, {"epoch": 1, "loss": 1.0, "top1": 0.75}]
    found = record(history=history, details={"C": 1.0})
    assert found == {
        "setting": {"recipe": "ff", "epochs": 2},
        "top1_last": 0.75,
        "top1_best_test": 0.8,
        "mean_class_accuracy": pytest.approx(2.5 / 3),
        "per_class": [1.0, 0.5, 1.0, None],
        "confusion": ["0:1", "0:1 1:1", "2:1", ""],
        "confused": ["1>0: 2"],
        "test_images": 4,
        "parameters": {"trainable": 3, "total": 9},
        "history": history,
        "details": {"C": 1.0},
    }


@pytest.mark.parametrize(
    "history",
    [
        [],
        [{"epoch": 0, "loss": 2.0}],
        [{"epoch": 0, "loss": 2.0}, {"epoch": 1, "loss": 1.0, "top1": 0.75}],
    ],
)
def test_without_a_choice_of_epochs_there_is_no_best_one(history):
    found = record(history=history)
    assert found["top1_best_test"] is None and found["history"] == history


def test_record_is_plain_json():
    assert json.loads(json.dumps(record(), allow_nan=False)) == record()
