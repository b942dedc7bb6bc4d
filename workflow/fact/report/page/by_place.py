"""Rows of each dataset and backbone."""

from collections.abc import Iterator, Sequence
from typing import cast

import pandas as pd

Place = tuple[str, str]


def places(frame: pd.DataFrame) -> list[Place]:
    """Return pairs (dataset, backbone) of a frame, in order of appearance."""
    return list(dict.fromkeys(zip(frame["dataset"], frame["backbone"], strict=True)))


def at_place(frame: pd.DataFrame, place: Place) -> pd.DataFrame:
    """Return the rows of one place, without the columns that name it."""
    here = frame[(frame["dataset"] == place[0]) & (frame["backbone"] == place[1])]
    return here.drop(columns=["dataset", "backbone"])


def groups_of(frame: pd.DataFrame, names: Sequence[str]) -> Iterator[tuple[dict[str, str], pd.DataFrame]]:
    """Yield what names each group of rows, as a mapping, and its rows, in order of appearance."""
    for values, rows in frame.groupby(list(names), sort=False):
        yield dict(zip(names, map(str, cast("tuple[str, ...]", values)), strict=True)), rows


def caption_of(keys: dict[str, str]) -> str:
    """Return names in one line."""
    return " · ".join(keys.values())


def in_order(values: Sequence[str] | pd.Series) -> list[str]:
    """Return distinct values, in order of appearance."""
    return list(dict.fromkeys(map(str, values)))
