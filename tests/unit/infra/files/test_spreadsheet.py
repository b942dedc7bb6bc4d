import pytest
from fact.infra.files.spreadsheet import escape_formula, unescape_formula
from hypothesis import given
from hypothesis import strategies as st
from odd_names import IDS, SIGNS


@given(st.one_of(st.text(), st.text(alphabet="'=\"+x;,\t\r\n")))
def test_any_cell_comes_back(cell):
    assert unescape_formula(escape_formula(cell)) == cell


@given(st.one_of(st.text(), st.text(alphabet="'=\"+x;,\t\r\n")))
def test_no_guarded_cell_is_a_formula(cell):
    assert not escape_formula(cell).startswith((*SIGNS, "\t", "\r", "\n"))


@given(st.lists(st.text(alphabet="'=x", max_size=5), unique=True))
def test_different_cells_stay_different(cells):
    assert len({escape_formula(cell) for cell in cells}) == len(cells)


@pytest.mark.parametrize("cell", ["a.jpg", "'x", "", "it's", "1=1", "a,b;c", '"a"', "a\r\nb"])
def test_harmless_cells_stay_as_they_are(cell):
    assert escape_formula(cell) == cell and unescape_formula(cell) == cell


def test_a_cell_that_lost_its_apostrophe_is_taken_as_it_is():
    assert unescape_formula("=1+1") == "=1+1"


def test_odd_names_come_back():
    assert [unescape_formula(escape_formula(name)) for name in IDS] == IDS
