"""FGVC-Aircraft in miniature, with its text files."""

from pathlib import Path

import pytest
from aircraft_copy import VARIANTS, Write, write_copy
from fact.data.sources import fgvc_aircraft


@pytest.mark.parametrize(
    "folder", ["fgvc-aircraft-2013b/data", "data", "", "fgvc-aircraft-2013b/fgvc-aircraft-2013b/data"]
)
def test_index(tmp_path: Path, write_image: Write, folder: str) -> None:
    write_copy(tmp_path, write_image, folder)
    rows, problems, classes = fgvc_aircraft.index(tmp_path)
    assert classes == VARIANTS and problems.empty
    assert rows.groupby(["split", "label"]).size().to_list() == [2] * 5 + [1] * 5
    row = rows[rows["locator"].str.endswith("1025797.jpg")].iloc[0]
    assert (row["split"], row["label"]) == ("test", 3)
    assert fgvc_aircraft.read_image(tmp_path, row["locator"], row["sha256"]).shape == (8, 12, 3)


def test_missing_images_are_problems(tmp_path: Path, write_image: Write) -> None:
    data = write_copy(tmp_path, write_image)
    (data / "images/1025794.jpg").unlink()
    (data / "images/1025795.jpg").write_bytes((data / "images/1025795.jpg").read_bytes()[:-40])
    rows, problems, _ = fgvc_aircraft.index(tmp_path)
    assert len(rows) == 13
    assert problems["path"].to_list() == [
        "fgvc-aircraft-2013b/data/images/1025794.jpg",
        "fgvc-aircraft-2013b/data/images/1025795.jpg",
    ]
    assert problems["reason"][0] == "file cannot be read: No such file or directory"


@pytest.mark.parametrize("line", ["1025794 Concorde", "1025794", "../x 707-320"])
def test_damaged_lists_are_named_by_line(tmp_path: Path, write_image: Write, line: str) -> None:
    data = write_copy(tmp_path, write_image)
    path = data / "images_variant_trainval.txt"
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(ValueError, match=r"images_variant_trainval\.txt: line 11 is .*fetch it again"):
        fgvc_aircraft.index(tmp_path)


def test_missing_lists_are_named(tmp_path: Path, write_image: Write) -> None:
    with pytest.raises(FileNotFoundError, match=r"fgvc-aircraft-2013b/data/variants\.txt; set datasets"):
        fgvc_aircraft.index(tmp_path)
    data = write_copy(tmp_path, write_image)
    (data / "images_variant_test.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match=r"images_variant_test\.txt is not UTF-8 text"):
        fgvc_aircraft.index(tmp_path)
    (data / "images_variant_test.txt").unlink()
    with pytest.raises(FileNotFoundError, match=r"images_variant_test\.txt does not exist"):
        fgvc_aircraft.index(tmp_path)
