"""Rows of each dataset and backbone."""

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

import numpy as np
import pandas as pd

Place = tuple[str, str]
FIGURES = 60
"""So many figures of a section are drawn: a page of more would be slow to open."""


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


def in_budget_order(frame: pd.DataFrame, budgets: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Return the rows by budget, in the order of each dataset's ``budgets``, otherwise in their order."""
    places = {(name, budget): place for name, of in budgets.items() for place, budget in enumerate(of)}
    order = [places[pair] for pair in zip(frame["dataset"], frame["budget"], strict=True)]
    return frame.iloc[np.argsort(order, kind="stable")].reset_index(drop=True)


def by_name(frame: pd.DataFrame, column: str) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield each name in a column with its rows, in order of appearance."""
    for name, rows in frame.groupby(column, sort=False):
        yield str(name), rows


def first_groups(
    frame: pd.DataFrame, names: Sequence[str], budgets: pd.DataFrame | None = None
) -> tuple[list[tuple[dict[str, str], pd.DataFrame]], str]:
    """Return the groups of :func:`groups_of` that are drawn, at most :data:`FIGURES`, and a note on others.

    ``budgets``: scores, for groups by budget; those of the last budget of each dataset then come first.
    """
    groups = list(groups_of(frame, names))
    if budgets is not None:
        last = {str(name): str(rows["budget"].iloc[-1]) for name, rows in budgets.groupby("dataset")}
        # a sort that keeps the order of settings
        groups.sort(key=lambda found: found[0]["budget"] != last[found[0]["dataset"]])
    note = f"{FIGURES} of {len(groups)} figures are drawn." if len(groups) > FIGURES else ""
    return groups[:FIGURES], note


def caption_of(keys: dict[str, str]) -> str:
    """Return names in one line."""
    return " · ".join(keys.values())


def in_order(values: Sequence[str] | pd.Series) -> list[str]:
    """Return distinct values, in order of appearance."""
    return list(dict.fromkeys(map(str, values)))
