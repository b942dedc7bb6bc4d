import csv
import io

from fact.infra.files.csv_file import csv_text
from hypothesis import given
from hypothesis import strategies as st

CELLS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2)))
def test_any_text_comes_back(rows: list[list[str]]) -> None:
    assert list(csv.reader(io.StringIO(csv_text(rows), newline=""))) == rows


def test_a_line_ends_with_a_newline_alone() -> None:
    assert csv_text([["a", "b"], ["c,", "d\re"]]) == 'a,b\n"c,","d\re"\n'
