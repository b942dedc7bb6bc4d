"""A pool in two dimensions with the picks of each selection."""

from collections.abc import Mapping
from dataclasses import dataclass

import altair as alt
import pandas as pd

from fact.report.page.charting import ROWS, specification, with_choices

POINTS = 16_000
"""Points of all pools of the page together, at most 2,000 of one."""
PICKS = 10_000
"""Picks of all selections of the page together."""


@dataclass(frozen=True)
class PoolMap:
    """``points``: columns ``x, y`` (0..1); ``picks``: ``selector, budget, rank, sample_id, x, y``."""

    caption: str
    points: pd.DataFrame
    picks: pd.DataFrame


def make_pool_map(
    place: tuple[str, str],
    pool: pd.DataFrame,
    chosen: Mapping[tuple[str, str], list[str]],
    most: tuple[int, int],
) -> PoolMap:
    """Return the map of a pool (``sample_id, x, y, method``) with the picks, in pick order, by (selector,
    budget).

    ``most``: how many points of the pool are shown, evenly spread, and how many picks of a selection, the
    first ones.
    """
    points, share = most
    low, high = pool[["x", "y"]].min(), pool[["x", "y"]].max()
    placed = ((pool[["x", "y"]] - low) / (high - low).replace(0, 1)).round(4).set_axis(pool["sample_id"])
    rows = [
        (selector, budget, rank, sample_id)
        for (selector, budget), ids in chosen.items()
        for rank, sample_id in enumerate(ids[:share], start=1)
    ]
    picks = pd.DataFrame(rows, columns=["selector", "budget", "rank", "sample_id"])
    picks[["x", "y"]] = placed.loc[picks["sample_id"]].to_numpy()
    caption = f"{' · '.join(place)}: the pool by {pool['method'].iloc[0]}, and what was picked of it"
    return PoolMap(caption, placed.iloc[:: -(-len(placed) // points)].astype(float), picks)


def pool_map_chart(pool: PoolMap) -> dict:
    """Return grey points and the picks of one selection on them."""
    axis = alt.Axis(labels=False, ticks=False, grid=False)
    x, y = (alt.X("x:Q", title=None, axis=axis), alt.Y("y:Q", title=None, axis=axis))
    points = alt.Chart(alt.NamedData("points")).mark_circle(size=8, opacity=0.35, color="#8c8c8c")
    picks = alt.Chart(ROWS).mark_circle(size=45, opacity=0.9, color="#d62728")
    tooltip = [alt.Tooltip("rank:Q"), alt.Tooltip("sample_id:N", title="image")]
    chosen = with_choices(
        picks.encode(x=x, y=y, tooltip=tooltip), pool.picks, {"selector": "selector", "budget": "budget"}
    )
    layers = alt.layer(points.encode(x=x, y=y), chosen).properties(width="container", height=420)
    return specification(layers, rows=pool.picks, points=pool.points)
