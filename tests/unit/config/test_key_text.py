"""Keys and values as they are told."""

import datetime

import pytest
from fact.config.key_text import dotted, show


@pytest.mark.parametrize(
    ("parts", "text"),
    [(("run", "seeds", 0), "run.seeds.0"), (("", "run"), "run"), ((), ""), (("a", ""), "a")],
)
def test_parts_of_a_key_are_joined_by_dots(parts: tuple[object, ...], text: str) -> None:
    assert dotted(*parts) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", '"a"'),
        (None, "null"),
        (True, "true"),
        ({"é": [1, 2.5]}, '{"é": [1, 2.5]}'),
        (datetime.date(2024, 1, 2), '"2024-01-02"'),
    ],
)
def test_a_value_is_shown_as_it_would_be_written(value: object, text: str) -> None:
    assert show(value) == text


def test_a_long_value_is_cut() -> None:
    assert show("a" * 78) == f'"{"a" * 78}"'
    assert show("a" * 79) == f'"{"a" * 76}...' and len(show(list(range(100)))) == 80
