"""What a page is made of: sections that hold findings, figures, tables, pictures, links and texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup


@dataclass(frozen=True)
class Figure:
    """A drawing under its caption; ``key`` is unique within the page.

    ``keys``: the dataset, backbone, selector or method that all of it is of, for the page's filter.
    """

    key: str
    caption: str
    svg: Markup
    keys: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """A name in a legend, with the colour and the marker that it has in the figures."""

    name: str
    slot: int
    marker: str = "circle"


@dataclass(frozen=True)
class Figures:
    """Figures side by side, with one legend; those beyond the first ``shown`` are folded away."""

    figures: Sequence[Figure]
    legend: Sequence[Entry] = ()
    note: str = ""
    shown: int = 6


@dataclass(frozen=True)
class Finding:
    """What a table says, in a sentence: ``lead`` in bold, and ``rest``; ``basis`` says what it rests on."""

    key: str
    title: str
    lead: str
    rest: str
    basis: str


@dataclass(frozen=True)
class Table:
    """Texts by row, sortable by every column; the first ``names`` columns name a row, a ``note`` is above.

    The page's filter looks at columns headed ``dataset``, ``backbone``, ``selector`` or ``method``, and at
    ``column_keys``, what columns are of. ``linked``: the last column is an address relative to the page.
    ``of_scores``: its numbers are means of scores, which a click lists.
    """

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    names: int = 1
    note: str = ""
    column_keys: Sequence[Mapping[str, str]] = ()
    linked: bool = False
    of_scores: bool = False


@dataclass(frozen=True)
class Picture:
    """An image as a data address, of so many pixels, under a caption that says what can be seen."""

    caption: str
    source: str
    width: int
    height: int


@dataclass(frozen=True)
class Sheet:
    """Pictures side by side, by their numbers on the page, folded away under a caption."""

    caption: str
    pictures: Sequence[int]
    keys: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Links:
    """Texts with relative addresses, folded away under a caption."""

    caption: str
    targets: Mapping[str, str]


@dataclass(frozen=True)
class Listing:
    """A text as it is, in type of one width, folded away under a caption."""

    caption: str
    text: str


Part = Figures | Finding | Table | Picture | Sheet | Links | Listing


@dataclass(frozen=True)
class Section:
    """A heading, what it shows and a line that says how to read it; without parts, why there are none."""

    key: str
    title: str
    note: str
    parts: Sequence[Part] = field(default_factory=tuple)
    missing: str = "No data."
