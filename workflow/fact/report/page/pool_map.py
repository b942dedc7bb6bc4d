"""A pool in two dimensions with the picks of each selection."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Protocol, cast

import pandas as pd

from fact.report.drawing.scatter import Cloud, Pick, scatter
from fact.report.page.by_place import FIGURES, groups_of
from fact.report.page.section import Entry, Figure, Figures, Sheet
from fact.report.palette import LIGHT, MARKERS

POINTS = 40_000
"""Points behind all maps of the page together, at most 1,500 of one."""
PICKS = 10_000
"""Picks of all selections of the page together."""


class PickRow(Protocol):
    """A row of the picks of a map."""

    rank: int
    sample_id: str
    x: float
    y: float
    label: int


@dataclass(frozen=True)
class PoolMap:
    """``points``: columns ``x, y`` (0..1) and ``label``, a class or -1; ``picks``: ``selector, budget, rank,
    sample_id, x, y, label``.

    ``classes``: names by label; ``pictures``: numbers of pictures on the page by sample id; ``wrong``: sample
    ids whose class the labels that were spread over the pool miss, by (selector, budget).
    """

    place: tuple[str, str]
    method: str
    points: pd.DataFrame
    picks: pd.DataFrame
    classes: Sequence[str] = ()
    pictures: Mapping[str, int] = field(default_factory=dict)
    wrong: Mapping[tuple[str, str], Set[str]] = field(default_factory=dict)


def make_pool_map(
    place: tuple[str, str],
    pool: pd.DataFrame,
    chosen: Mapping[tuple[str, str], list[str]],
    most: tuple[int, int],
) -> PoolMap:
    """Return the map of a pool (``sample_id, x, y, method`` and perhaps ``label``) with the picks, in pick
    order, by (selector, budget).

    ``most``: how many points of the pool are shown, evenly spread, and how many picks of a selection, the
    first ones.
    """
    points, share = most
    low, high = pool[["x", "y"]].min(), pool[["x", "y"]].max()
    placed = ((pool[["x", "y"]] - low) / (high - low).replace(0, 1)).round(4).set_axis(pool["sample_id"])
    placed["label"] = pool["label"].to_numpy() if "label" in pool else -1
    rows = [
        (selector, budget, rank, sample_id)
        for (selector, budget), ids in chosen.items()
        for rank, sample_id in enumerate(ids[:share], start=1)
    ]
    picks = pd.DataFrame(rows, columns=["selector", "budget", "rank", "sample_id"])
    picks[["x", "y", "label"]] = placed.loc[picks["sample_id"]].to_numpy()
    return PoolMap(place, str(pool["method"].iloc[0]), placed.iloc[:: -(-len(placed) // points)], picks)


def wrongly_spread(spread: pd.DataFrame, labels: "pd.Series[int]") -> set[str]:
    """Return the ids of images that got another class than their own; ``labels``: by id, -1 where unknown.

    ``spread``: columns ``sample_id`` and ``label``. The labels are looked at here and nowhere before.
    """
    true = labels.reindex(spread["sample_id"], fill_value=-1).to_numpy()
    return set(spread["sample_id"][(true >= 0) & (true != spread["label"].to_numpy())])


def pool_figures(maps: Sequence[PoolMap]) -> Iterator[Figures | Sheet]:
    """Yield the maps of each pool, one for each selection, the last budget first; then their pictures."""
    for number, pool in enumerate(maps):
        last = pool.picks["budget"].iloc[-1] if len(pool.picks) else ""
        groups = sorted(
            groups_of(pool.picks, ["budget", "selector"]), key=lambda found: found[0]["budget"] != last
        )
        most = max(2, FIGURES // len(maps))
        figures = [_figure(f"pool-{number}-{n}", pool, *found) for n, found in enumerate(groups[:most])]
        coloured = _coloured(pool)
        names = pool.classes if coloured else ()
        legend = [Entry(name, label, MARKERS[label]) for label, name in enumerate(names)]
        yield Figures(figures, legend, _note(pool, coloured), shown=3)
        yield from _sheets(pool, groups[:most])


def _sheets(pool: PoolMap, groups: Sequence[tuple[dict[str, str], pd.DataFrame]]) -> Iterator[Sheet]:
    """Yield the pictures of each selection, in pick order, where there are some."""
    for names, picks in groups:
        numbers = [pool.pictures[name] for name in picks["sample_id"] if name in pool.pictures]
        caption = f"Images picked by {names['selector']}, {' · '.join(pool.place)} · {names['budget']}"
        if numbers:
            of = f"{len(numbers)} of {len(picks)}, " if len(numbers) < len(picks) else ""
            yield Sheet(f"{caption} ({of}in pick order)", numbers, _keys(pool, names))


def _keys(pool: PoolMap, names: Mapping[str, str]) -> dict[str, str]:
    return {"dataset": pool.place[0], "backbone": pool.place[1], "selector": names["selector"]}


def _note(pool: PoolMap, coloured: bool) -> str:
    what = "Colours are classes. " if coloured else ""
    pictures = "Point at a pick, or go to it by keyboard, to see its image." if pool.pictures else ""
    errors = "Dark specks: the labels spread over the pool (FACT-pool) miss the class. " if pool.wrong else ""
    name = " · ".join(pool.place)
    ringed = f"{name}: the pool by {pool.method}, picks of the first seed ringed."
    return f"{ringed} {what}{errors}{pictures}".rstrip()


def _coloured(pool: PoolMap) -> bool:
    """Return whether classes are known, and few enough for colours that can be told apart."""
    return 0 < len(pool.classes) <= len(LIGHT) and bool((pool.points["label"] >= 0).any())


def _figure(key: str, pool: PoolMap, names: dict[str, str], picks: pd.DataFrame) -> Figure:
    coloured = _coloured(pool)
    rows = cast("Iterable[PickRow]", picks.itertuples())
    marked = [_pick(row, pool, coloured) for row in rows]
    caption = " · ".join([*pool.place, names["selector"], names["budget"]])
    clouds = [*_clouds(pool.points, coloured), *_errors(pool, names)]
    svg = scatter(clouds, marked, f"Map of the pool with picks, {caption}")
    return Figure(key, caption, svg, _keys(pool, names))


def _clouds(points: pd.DataFrame, coloured: bool) -> Iterator[Cloud]:
    if not coloured:
        yield Cloud(zip(points["x"], points["y"], strict=True))
        return
    for label in sorted(set(points["label"].tolist())):
        rows = points[points["label"] == label]
        slot = int(label) if label >= 0 else None
        yield Cloud(zip(rows["x"], rows["y"], strict=True), slot)


def _errors(pool: PoolMap, names: Mapping[str, str]) -> Iterator[Cloud]:
    """Yield the points whose class the spread labels miss, where some are shown."""
    wrong = pool.wrong.get((names["selector"], names["budget"]), set())
    rows = pool.points[pool.points.index.isin(wrong)]
    if len(rows):
        yield Cloud(zip(rows["x"], rows["y"], strict=True), look="wrong")


def _pick(row: PickRow, pool: PoolMap, coloured: bool) -> Pick:
    label = int(row.label)
    known = coloured and label >= 0
    name = f", {pool.classes[label]}" if 0 <= label < len(pool.classes) else ""
    return Pick(
        row.x, row.y, f"{row.rank}: {row.sample_id}{name}", pool.pictures.get(row.sample_id),
        marker=MARKERS[label % len(MARKERS)] if known else "circle",
        class_=f"pick c{label}" if known else "pick",
    )  # fmt: skip
