import json
from pathlib import Path

import pytest
from fact.data.classes import read_classes, write_classes


def test_names_come_back_in_order(tmp_path: Path) -> None:
    path = tmp_path / "classes.json"
    write_classes(path, ["zebra", "été <b>", "a\nb"])
    assert read_classes(path) == ["zebra", "été <b>", "a\nb"]


def test_a_missing_file_names_the_rule(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="run rule index_dataset"):
        read_classes(tmp_path / "classes.json")


@pytest.mark.parametrize("content", [{"cat": 0}, ["cat", 1], ["cat", "cat"]])
def test_damaged_classes_are_refused(tmp_path: Path, content: object) -> None:
    (tmp_path / "classes.json").write_text(json.dumps(content))
    with pytest.raises(ValueError, match="delete it and index again"):
        read_classes(tmp_path / "classes.json")
