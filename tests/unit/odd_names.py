"""Names that files really have, and sample ids made of them."""

import os
from unicodedata import normalize

from fact.data.path_text import to_text
from fact.data.selection_file import COLUMNS as SELECTION_COLUMNS
from hypothesis import strategies as st

RAW = [
    b"a b.jpg",
    b"a/same.jpg",
    b"b/same.jpg",
    b"it's.jpg",
    b'say "hi".jpg',
    "猫 😀.png".encode(),
    b"two\nlines.jpg",
    b"carriage\rreturn.jpg",
    b"tab\tname.jpg",
    b"=1+1.jpg",
    b"+x.jpg",
    b"-x.jpg",
    b"@x.jpg",
    b"'=x.jpg",
    b"''=x.jpg",
    b"'x.jpg",
    b"a;b,c.jpg",
    b"<script>alert(1)</script>.jpg",
    b"100%.jpg",
    b"50%25.jpg",
    b"caf\xe9.jpg",
    b"bytes:x.jpg",
    b"A.jpg",
    b"a.jpg",
    b"00012",
    b"1E5",
    b"&amp;.jpg",
    b" lead.jpg",
    b"x" * 200 + b".jpg",
]
PATHS = [os.fsdecode(name) for name in RAW]
IDS = [to_text(path) for path in PATHS]

# with which a spreadsheet begins a formula
SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
# what a file name may hold, as a sample id
SAMPLE_IDS = st.lists(
    st.one_of(
        st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1),
        st.text(alphabet="'=\"+x;,\t\r\n", min_size=1),
    ).map(to_text),
    min_size=1,
    max_size=8,
    unique=True,
)
# as they are kept: in NFC, without spaces around them
CLASS_NAMES = (
    st.text(
        st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"),
        min_size=1,
        max_size=20,
    )
    .map(lambda name: normalize("NFC", name))
    .filter(lambda name: name == name.strip())
)


def selection_lines(ids: list[str]) -> list[list[str]]:
    """Rows of a selection of these ids, each its own path."""
    return [SELECTION_COLUMNS, *([str(rank), name, name, "0"] for rank, name in enumerate(ids, start=1))]
