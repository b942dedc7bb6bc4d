import pytest
from fact.report.page.looks import looks_of
from fact.report.page.training_curves import POINTS, epoch_means, training_curves_section
from table_scores import frame, score


def history(epochs: int, loss: float, every: int = 1) -> dict:
    entries = [{"epoch": epoch, "loss": loss} for epoch in range(epochs)]
    return {"history": [entry | ({"top1": 0.5} if entry["epoch"] % every == 0 else {}) for entry in entries]}


def test_means_over_seeds_by_epoch_from_one():
    scores = frame(score(0.5, path="a", seed=0), score(0.5, path="b", seed=1))
    found = epoch_means(scores, {"a": history(3, 1.0, every=2), "b": history(3, 2.0, every=2)})
    loss = found[found["quantity"] == "training loss"]
    assert list(loss["epoch"]) == [1, 2, 3] and set(loss["value"]) == {1.5}
    accuracy = found[found["quantity"] == "test accuracy (%)"]
    assert list(accuracy["epoch"]) == [1, 3] and set(accuracy["value"]) == {50}


def test_long_curves_are_thinned_and_keep_both_ends():
    curves = POINTS // 10
    scores = frame(*(score(0.5, method=f"method {number}", path="a") for number in range(curves)))
    found = epoch_means(scores, {"a": {"history": history(300, 1.0)["history"]}})
    assert len(found) <= 2 * POINTS
    epochs = found.groupby(["method", "quantity"])["epoch"]
    assert set(epochs.min()) == {1} and set(epochs.max()) == {300} and epochs.size().min() >= 8


def curves(scores, records):
    return training_curves_section(scores, records, looks_of(scores))


def test_without_histories_there_is_a_line_that_says_so():
    section = curves(frame(score(0.5, path="a")), {"a": {"history": []}})
    assert not section.parts and section.missing.startswith("No score has a history")


def test_one_epoch_is_no_curve_and_epochs_are_no_settings():
    (part,) = curves(frame(score(0.5, path="a")), {"a": history(3, 1.0, every=9)}).parts
    (figure,) = part.figures
    assert figure.key == "curves-0" and figure.caption == "digits · vit · activeft · 20img: training loss"
    with pytest.raises(KeyError):
        epoch_means(frame(score(0.5, path="a")), {})


def test_single_epochs_of_two_methods_are_no_curves_either():
    rows = [score(0.5, path=path, method=method) for path, method in (("a", "FF"), ("b", "LP-FT"))]
    # each is scored once, after another number of epochs
    records = {"a": history(3, 1.0, every=9), "b": {"history": [{"epoch": 5, "top1": 0.5}]}}
    (part,) = curves(frame(*rows), records).parts
    assert [figure.caption.partition(": ")[2] for figure in part.figures] == ["training loss"]
