from pathlib import Path

import pytest
from fact.data.classes import read_classes, write_classes
from fact.infra.files.record import publish_record


def test_names_come_back_in_order(tmp_path: Path) -> None:
    path = tmp_path / "classes.json"
    write_classes(path, ["zebra", "été <b>", "a\nb"])
    assert read_classes(path) == ["zebra", "été <b>", "a\nb"]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="run the workflow again"):
        read_classes(tmp_path / "classes.json")


@pytest.mark.parametrize(
    "content", [{"classes": {"cat": 0}}, {"classes": ["cat", 1]}, {"classes": ["cat", "cat"]}, {}]
)
def test_damaged_classes_are_refused(tmp_path: Path, content: object) -> None:
    publish_record(tmp_path / "classes.json", content)
    with pytest.raises(ValueError, match="delete it and index again"):
        read_classes(tmp_path / "classes.json")
