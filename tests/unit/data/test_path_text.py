import os

import pytest
from fact.data.path_text import to_path, to_text
from hypothesis import given
from hypothesis import strategies as st


@given(st.binary().filter(lambda name: b"\0" not in name))
def test_any_file_name_comes_back(name: bytes) -> None:
    path = os.fsdecode(name)
    text = to_text(path)
    text.encode("utf-8")
    assert to_path(text) == path


@given(st.lists(st.binary(max_size=12), unique=True, max_size=8))
def test_different_names_stay_different(names: list[bytes]) -> None:
    assert len({to_text(os.fsdecode(name)) for name in names}) == len(names)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("train/café/1 'a'.jpg", "train/café/1 'a'.jpg"),
        (os.fsdecode(b"train/caf\xe9/1.jpg"), "bytes:train/caf%E9/1.jpg"),
        ("bytes:1.jpg", "bytes:bytes%3A1.jpg"),
    ],
)
def test_stored_form(path: str, text: str) -> None:
    assert to_text(path) == text
