import numpy as np
from fact.report.drawing.dot_plot import Dot, dot_plot
from fact.report.drawing.matrix import matrix
from fact.report.page.page import render_page
from fact.report.page.section import Entry, Figure, Figures, Finding, Section, Table

HOSTILE = '"><script>alert(1)</script>'
DOT = dot_plot([Dot(HOSTILE, 1.0)], "%", HOSTILE)
FIGURES = [Figure(f"f-{number}", HOSTILE, DOT, {"method": HOSTILE}) for number in range(3)]


def page(*parts: object, note: str = "", choices: dict | None = None) -> str:
    sections = [Section("one", "One", note, parts=parts), Section("two", "Two", "", missing="no `two` in it")]
    return render_page("A report", sections, choices or {}, [("data:image/webp;base64,AA==", HOSTILE)])


def test_every_text_is_escaped():
    text = page(
        Finding("k", HOSTILE, HOSTILE, HOSTILE, HOSTILE),
        Figures(FIGURES, [Entry(HOSTILE, 1)], HOSTILE),
        Table(HOSTILE, [HOSTILE], [[HOSTILE]], note=HOSTILE, column_keys=[{"dataset": HOSTILE}]),
        note=HOSTILE,
        choices={"method": [HOSTILE, "b"]},
    )
    assert "<script>alert" not in text and text.count("</script>") == 2


def test_an_empty_section_is_named_at_the_end_alone():
    text = page(Finding("k", "t", "FACT", " is best.", "3 runs."))
    assert 'id="two"' not in text and 'href="#two"' not in text
    assert "no <code>two</code> in it" in text and "<strong>FACT</strong> is best." in text


def test_figures_beyond_the_first_are_folded():
    text = page(Figures(FIGURES, shown=1))
    assert "2 more like these" in text and text.index("more like these") < text.index('id="f-1"')
    assert "more like these" not in page(Figures(FIGURES, shown=3))


def test_the_last_column_of_linked_rows_is_an_address():
    text = page(Table("t", ["row", "file"], [["a", "../a%20b/score.json"]], linked=True))
    assert '<td><a href="../a%20b/score.json">score.json</a></td>' in text


def test_a_figure_wider_than_a_phone_scrolls_by_itself_and_others_are_no_stop_of_the_keyboard():
    names = [f"class {number}" for number in range(20)]
    wide = Figure("wide", "w", matrix(np.eye(20, dtype=int), names, "m"))
    assert page(Figures(FIGURES)).count('tabindex="0"') == 0
    assert page(Figures([wide])).count('class="drawing" role="region" tabindex="0"') == 1
