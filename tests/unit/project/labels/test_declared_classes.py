from pathlib import Path

import pytest
from fact.data.classes import write_classes
from fact.project.labels.declared_classes import declared_classes
from fact.project.labels.vote import stripped


def test_classes_of_a_text_file_are_in_its_order(tmp_path):
    (tmp_path / "classes.txt").write_bytes("\ufeffdog \r\n\r\ncat\r\nguinea pig\r\n".encode())
    assert declared_classes(tmp_path / "classes.txt") == ["dog", "cat", "guinea pig"]


def test_classes_of_an_indexed_dataset_are_read(tmp_path):
    write_classes(tmp_path / "classes.json", ["dog", "cat"])
    assert declared_classes(tmp_path / "classes.json") == ["dog", "cat"]


@pytest.mark.parametrize(
    ("content", "words"), [(b"", "no class"), (b"a\nb\na\n", "twice"), (b"caf\xe9\n", "not UTF-8")]
)
def test_what_is_no_list_of_classes_is_refused(tmp_path, content, words):
    (tmp_path / "classes.txt").write_bytes(content)
    with pytest.raises(ValueError, match=words):
        declared_classes(tmp_path / "classes.txt")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="one per line"):
        declared_classes(tmp_path / "classes.txt")


def test_the_same_letter_as_one_sign_and_as_two_is_one_class(tmp_path: Path) -> None:
    (tmp_path / "classes.txt").write_text("M\u00f6we\nAmsel\n", "utf-8")
    assert declared_classes(tmp_path / "classes.txt") == ["M\u00f6we", "Amsel"]
    (tmp_path / "classes.txt").write_text("M\u00f6we\nMo\u0308we\n", "utf-8")
    with pytest.raises(ValueError, match="twice"):
        declared_classes(tmp_path / "classes.txt")
    assert stripped([" Mo\u0308we "]) == ("M\u00f6we",)
