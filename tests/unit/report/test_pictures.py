from pathlib import Path

import numpy as np
import pytest
from fact.infra.errors import DataError
from fact.report.pictures import (
    MOST,
    most_of_each,
    pictured,
    read_pictures,
    small_pictures,
    write_pictures,
)


def test_first_picks_of_all_selections_and_then_confusions_are_shown():
    records = [{"confused": ["0>1: 0 1", "1>0: 2"]}, {}]
    chosen = pictured([["a", "b", "c"], ["b", "d"]], records, ["t0", "t1", "t2"], most=10)
    assert chosen == ["a", "b", "d", "c", "t0", "t2", "t1"]
    assert pictured([["a", "b", "c"]], records, ["t0", "t1", "t2"], most=4) == ["a", "b", "t0", "t2"]


def test_rows_beyond_the_test_images_are_passed_over():
    assert pictured([], [{"confused": ["0>1: 5"]}], ["t0"], most=4) == []


def test_many_datasets_share_the_room_of_a_page():
    assert most_of_each(1) == MOST and most_of_each(12) == 100


def test_pictures_read_back(tmp_path: Path):
    for pictures in ({"<b>.png": "data:image/webp;base64,AA=="}, {}):
        write_pictures(tmp_path / "a.parquet", pictures)
        assert read_pictures(tmp_path / "a.parquet") == pictures


def test_pictures_are_small_and_inside_the_page():
    found = small_pictures(["a", "b"], lambda: np.zeros((2, 8, 8, 3), np.uint8))
    assert list(found) == ["a", "b"] and all(
        source.startswith("data:image/webp;base64,") for source in found.values()
    )


@pytest.mark.parametrize("problem", [DataError("a.png has changed"), FileNotFoundError("a.png")])
def test_without_images_there_are_no_pictures_and_the_log_says_why(problem: Exception, caplog):
    def images():
        raise problem
        yield

    assert small_pictures(["a"], images) == {} and "a.png" in caplog.text
