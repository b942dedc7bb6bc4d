from pathlib import Path

import pytest
from fact.selection.texts.captions import class_sentences, read_captions


def test_classes_take_their_place_in_the_template() -> None:
    found = class_sentences("a photo of a {label}, a kind of {label}", ["cat", "polar_bear"])
    assert found == ["a photo of a cat, a kind of cat", "a photo of a polar bear, a kind of polar bear"]


def test_a_template_without_a_place_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no place for the class; write \{label\}"):
        class_sentences("a photo", ["cat"])


def test_captions_are_joined_by_id(tmp_path: Path) -> None:
    path = tmp_path / "captions.csv"
    path.write_bytes('\ufeffcaption,sample_id\r\n"a cat, asleep",b\r\na dog,a\r\n'.encode())
    assert read_captions(path, ["a", "b"]) == ["a dog", "a cat, asleep"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("id,caption\na,x\n", "captions need sample_id and caption"),
        ("sample_id,caption\na,x\nb,\n", "no caption for 2"),
    ],
)
def test_missing_columns_and_captions_are_named(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "captions.csv").write_text(text)
    with pytest.raises(ValueError, match=problem):
        read_captions(tmp_path / "captions.csv", ["a", "b", "c"])
