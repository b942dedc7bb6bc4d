import pytest
from fact.config.key_text import dotted, known_names, show


@pytest.mark.parametrize(
    ("name", "known", "text"),
    [
        ("FACTT", ["FACT", "FF"], "did you mean 'FACT'? known are FACT, FF"),
        ("ff", ["FACT", "FF"], "did you mean 'FF'? known are FACT, FF"),
        ("best", ["random"], "known are random"),
        # another number is another thing
        ("table9", ["table1", "table2"], "known are table1, table2"),
        ("tabel1", ["table1"], "did you mean 'table1'? known are table1"),
        ("x", [], "known are "),
    ],
)
def test_the_name_that_was_probably_meant_comes_first(name: str, known: list[str], text: str) -> None:
    assert known_names(name, known) == text


def test_keys_and_values_are_text() -> None:
    assert dotted("run", "", "seeds", 0) == "run.seeds.0"
    assert show("é") == '"é"' and show("a" * 100) == f'"{"a" * 76}...'
