import pytest
from fact.infra.files.spreadsheet import guard, unguard
from hypothesis import given
from hypothesis import strategies as st
from odd_names import IDS, SIGNS


@given(st.one_of(st.text(), st.text(alphabet="'=\"+x;,\t\r\n")))
def test_any_cell_comes_back(cell):
    assert unguard(guard(cell)) == cell


@given(st.one_of(st.text(), st.text(alphabet="'=\"+x;,\t\r\n")))
def test_no_guarded_cell_is_a_formula(cell):
    assert not guard(cell).startswith((*SIGNS, "\t", "\r", "\n"))


@given(st.lists(st.text(alphabet="'=x", max_size=5), unique=True))
def test_different_cells_stay_different(cells):
    assert len({guard(cell) for cell in cells}) == len(cells)


@pytest.mark.parametrize("cell", ["a.jpg", "'x", "", "it's", "1=1", "a,b;c", '"a"', "a\r\nb"])
def test_harmless_cells_stay_as_they_are(cell):
    assert guard(cell) == cell and unguard(cell) == cell


def test_a_cell_that_lost_its_apostrophe_is_taken_as_it_is():
    assert unguard("=1+1") == "=1+1"


def test_odd_names_come_back():
    assert [unguard(guard(name)) for name in IDS] == IDS
