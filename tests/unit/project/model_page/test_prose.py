"""The card's Markdown on the page."""

import pytest
from fact.model.card import escape
from fact.project.model_page.prose import inline, prose
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a **b `c`** d", "a <strong>b <code>c</code></strong> d"),
        (r"\*no bold\* & <b>", "*no bold* &amp; &lt;b&gt;"),
        ("`<i>`", "<code>&lt;i&gt;</code>"),
    ],
)
def test_bold_code_and_backslashes(text: str, html: str) -> None:
    assert inline(text) == html


def test_paragraphs_and_lists() -> None:
    assert prose("one\n\n- two\n- three\n\nfour") == (
        "<p>one</p>\n<ul><li>two</li><li>three</li></ul>\n<p>four</p>"
    )


@given(st.text())
def test_what_the_card_escaped_is_shown_as_it_was(text: str) -> None:
    found = inline(escape(text))
    assert found.unescape() == " ".join(text.split()) and Markup(found).striptags() is not None
    assert "<" not in found
