"""Colours and markers of everything on a page, decided once for all of its figures."""

from collections.abc import Iterable
from typing import NamedTuple

import pandas as pd

from fact.report.page.section import Entry
from fact.report.palette import Style, method_styles, selector_styles


class Looks(NamedTuple):
    """Styles by the name of a method and of a selector."""

    methods: dict[str, Style]
    selectors: dict[str, Style]


def looks_of(rows: pd.DataFrame) -> Looks:
    """Return the styles of all methods and selectors of ``rows``, columns ``method`` and ``selector``."""
    return Looks(method_styles(map(str, rows["method"])), selector_styles(map(str, rows["selector"])))


def legend(styles: dict[str, Style], names: Iterable[str]) -> list[Entry]:
    """Return entries of a legend for the names, in their order, each once."""
    return [Entry(name, styles[name].slot, styles[name].marker) for name in dict.fromkeys(names)]
