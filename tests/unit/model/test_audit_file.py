"""The draw on disk: what is read back, and what is refused."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from fact.data.labels_file import write_labels
from fact.data.selection_file import write_selection
from fact.infra.files.record import publish_record, read_record
from fact.model.audit import Stratum
from fact.model.audit_file import Draw, accept_missing, audit_labels, read_draw, write_draw

SHA256 = {"b": "1" * 64, "a": "2" * 64, "c": "3" * 64}
ROWS = pd.DataFrame(
    {"sample_id": ["b", "a", "c"], "locator": ["b.png", "x/a.png", "c.png"], "sha256": SHA256.values()}
)
DRAW = Draw(
    [Stratum(5, ["a", "b"]), Stratum(4, ["c"])],
    {"b": "b.png", "a": "x/a.png", "c": "c.png"},
    seed=7,
    pool=9,
    model="0" * 64,
    checksums=SHA256,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_draw(tmp_path / "draw.csv", DRAW, ROWS, [0.5, 0.6, 0.9])
    return tmp_path / "draw.csv"


def test_a_draw_comes_back_with_its_strata_and_order(path: Path) -> None:
    assert read_draw(path) == DRAW and read_draw(path).sample_ids == ["b", "a", "c"]


def test_a_draw_of_before_has_no_checksums(path: Path) -> None:
    record = read_record(path.with_suffix(".json"))
    del record["sha256"]
    publish_record(path.with_suffix(".json"), record)
    assert read_draw(path).checksums == {} and read_draw(path).strata == DRAW.strata


def test_missing_labels_may_be_ignored_from_then_on(path: Path) -> None:
    accept_missing(path)
    assert read_draw(path).ignore_missing and read_draw(path).strata == DRAW.strata


def test_a_selection_is_no_draw(tmp_path: Path) -> None:
    write_selection(tmp_path / "draw.csv", ROWS, [0.0] * 3)
    with pytest.raises(ValueError, match=r"draw\.csv is a selection and no draw"):
        read_draw(tmp_path / "draw.csv")


def test_other_images_than_those_of_the_strata_are_refused(path: Path) -> None:
    record = read_record(path.with_suffix(".json"))
    record["strata"][1]["sample_ids"] = ["d"]
    publish_record(path.with_suffix(".json"), record)
    with pytest.raises(ValueError, match="other images than its strata"):
        read_draw(path)


def test_an_edited_draw_is_refused(path: Path) -> None:
    path.write_text(path.read_text().replace("c,c.png", "d,c.png"))
    with pytest.raises(ValueError, match="damaged or edited"):
        read_draw(path)


@pytest.fixture
def labels(tmp_path: Path) -> Callable[..., Path]:
    def write(name: str, **labels: str) -> Path:
        write_labels(tmp_path / name, labels)
        return tmp_path / name

    return write


def test_labels_of_the_audit_are_those_of_its_images(labels: Callable[..., Path]) -> None:
    found = audit_labels(DRAW, labels("labels.csv", a="cat", z="dog"), labels("trained.csv", q="cat"))
    assert found == {"a": "cat"}


def test_images_that_were_trained_on_are_no_audit(labels: Callable[..., Path]) -> None:
    with pytest.raises(ValueError, match=r"trained\.csv labels b and 1 more.*--end"):
        audit_labels(DRAW, labels("labels.csv", a="cat"), labels("trained.csv", a="cat", b="dog"))
