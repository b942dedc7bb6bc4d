"""What a page is made of: sections that hold charts, tables, pictures, links and texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fact.infra.fields import Settings


@dataclass(frozen=True)
class Chart:
    """A Vega-Lite specification under its caption; ``key`` is unique within the page."""

    key: str
    caption: str
    spec: Settings


@dataclass(frozen=True)
class Table:
    """Texts by row, sortable by every column; the first ``names`` columns name a row, a ``note`` is above."""

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    names: int = 1
    note: str = ""


@dataclass(frozen=True)
class Picture:
    """An image as a data address, of so many pixels, under a caption that says what can be seen."""

    caption: str
    source: str
    width: int
    height: int


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


Part = Chart | Table | Picture | Links | Listing


@dataclass(frozen=True)
class Section:
    """A heading, what it shows and a line that says how to read it; without parts, why there are none."""

    key: str
    title: str
    note: str
    parts: Sequence[Part] = field(default_factory=tuple)
    missing: str = "No data."
