"""What a table says: which row is best, by how much, and how certain that is."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from fact.config.tables import Row, TableSpec
from fact.report.tables.durations import in_words
from fact.report.tables.paired_interval import paired_interval
from fact.report.tables.samples import PLACE

NAMED = 3
"""So many rows are named where more cannot be told apart."""


class Answer(NamedTuple):
    """``lead`` names the best row, ``rest`` goes on with the sentence, ``basis`` says what it rests on."""

    lead: str
    rest: str
    basis: str


class Gap(NamedTuple):
    """How far the best row is above another one, in the table's unit, over pairs of one setting and seed."""

    row: str
    mean: float
    low: float
    high: float
    pairs: int

    @property
    def is_certain(self) -> bool:
        """Whether the 95 % interval is above zero."""
        return self.low > 0

    @property
    def is_open(self) -> bool:
        """Whether the 95 % interval holds zero."""
        return self.low <= 0


def answer(samples: pd.DataFrame, spec: TableSpec) -> Answer:
    """Return what a table says. ``samples`` of :func:`fact.report.tables.samples.table_samples`.

    Rows are compared by their mean over the settings in which all of them have a score. Rows that used
    labels beyond the budget, and rows of fewer settings than others, are not compared.
    """
    samples = samples[(samples["metric"] == spec.headline) & samples["last"].notna()]
    if samples.empty:
        return Answer("No score yet.", "", "")
    if spec.kind == "gains":
        return _largest_step(samples, spec)
    return _best_row(samples, spec)


def _best_row(samples: pd.DataFrame, spec: TableSpec) -> Answer:
    compared = _comparable(samples, spec.rows)
    means = compared.groupby(["row", *PLACE])["last"].mean().groupby("row", sort=False).mean()
    if means.empty:
        return Answer(
            "No row can be called best", ": no setting has a score of every row.", _basis(samples, spec)
        )
    order = means.sort_values(ascending=spec.kind == "minutes", kind="stable").index
    best, others = str(order[0]), [str(name) for name in order[1:]]
    by_row = compared.pivot(index=[*PLACE, "seed"], columns="row", values="last")
    gaps = [_gap(by_row, best, other) for other in others]
    rest = _quickest(means, best, others) if spec.kind == "minutes" else _above(gaps, f"{means[best]:.1f} %")
    return Answer(best, rest, _basis(samples, spec, compared))


def _comparable(samples: pd.DataFrame, rows: Sequence[Row]) -> pd.DataFrame:
    """Return the samples of rows that can be compared, in the settings that all of them have."""
    oracles = {row.label for row in rows if row.oracle}
    own = samples[~samples["row"].isin(oracles)]
    counts = own.groupby("row")[PLACE].apply(lambda rows: len(rows.drop_duplicates()))
    own = own[own["row"].isin(counts[counts == counts.max()].index)]
    shared = own.groupby(PLACE)["row"].transform("nunique") == own["row"].nunique()
    return own[shared]


def _gap(by_row: pd.DataFrame, best: str, other: str) -> Gap:
    """Return the gap between two columns of ``by_row``, which has one line per setting and seed."""
    difference = (by_row[best] - by_row[other]).dropna()
    groups = [group.to_numpy() for _, group in difference.groupby(level=PLACE)]
    if not groups:
        return Gap(other, np.nan, np.nan, np.nan, 0)
    low, high = paired_interval(groups)
    return Gap(other, float(np.mean([group.mean() for group in groups])), low, high, len(difference))


def _above(gaps: Sequence[Gap], mean: str) -> str:
    if not gaps:
        return f" has {mean}; there is no other row to compare it with."
    nearest = gaps[0]
    if nearest.pairs == 0:
        return f" has the highest mean, {mean}, but shares no seed with {nearest.row}."
    ahead = f"{_points(nearest.mean)} above {nearest.row}"
    if nearest.is_certain:
        return f" is best: {mean}, {ahead} ({_interval(nearest)})."
    if not nearest.is_open:
        too_few = f"{_count(nearest.pairs, 'pair')} of runs {'is' if nearest.pairs == 1 else 'are'} too few"
        return f" has the highest mean: {mean}, {ahead}; {too_few} to tell chance from merit."
    return f" has the highest mean, {mean}, but is not distinguishable from {_open(gaps)}.{_behind(gaps)}"


def _open(gaps: Sequence[Gap]) -> str:
    names = [gap.row for gap in gaps if not gap.is_certain]
    nearest = f"{names[0]} ({_signed(gaps[0].mean)} points, {_interval(gaps[0])})"
    more = [*names[1:NAMED], *([f"{len(names) - NAMED} more"] if len(names) > NAMED else [])]
    return " and ".join(filter(None, [", ".join([nearest, *more][:-1]), [nearest, *more][-1]]))


def _behind(gaps: Sequence[Gap]) -> str:
    found = next((gap for gap in gaps if gap.is_certain), None)
    return "" if found is None else f" It is {_points(found.mean)} above {found.row} ({_interval(found)})."


def _quickest(means: pd.Series, best: str, others: Sequence[str]) -> str:
    took = in_words(60 * float(means[best]))
    if not others:
        return f" takes {took}; there is no other row to compare it with."
    slowest = others[-1]
    times = f"; {slowest} takes {means[slowest] / means[best]:.2g} times as long" if means[best] > 0 else ""
    return f" takes the least time, {took} on average{times}."


def _largest_step(samples: pd.DataFrame, spec: TableSpec) -> Answer:
    by_row = {str(row): rows for row, rows in samples.groupby("row", sort=False)}
    gaps = [_gain(row, rows) for row, rows in by_row.items()]
    best = max(gaps, key=lambda gap: gap.mean)
    if best.is_certain:
        certain = f"({_interval(best)})"
    else:
        certain = (
            f"({_interval(best)}), not distinguishable from no gain" if best.is_open else "(too few runs)"
        )
    rest = f" is the largest step: {_signed(best.mean)} points {certain}."
    return Answer(best.row, rest, _basis(samples, spec))


def _gain(row: str, rows: pd.DataFrame) -> Gap:
    groups = [group["last"].to_numpy() for _, group in rows.groupby(PLACE)]
    low, high = paired_interval(groups)
    return Gap(row, float(np.mean([group.mean() for group in groups])), low, high, len(rows))


def _basis(samples: pd.DataFrame, spec: TableSpec, compared: pd.DataFrame | None = None) -> str:
    """Return over how many runs a sentence is, and what it leaves out."""
    used = samples if compared is None or compared.empty else compared
    settings = len(used[PLACE].drop_duplicates())
    seeds = used["seed"].nunique()
    parts = [f"{_count(len(used), 'run')}: {_count(used['row'].nunique(), 'row')}, "
             f"{_count(settings, 'setting')}, {_count(seeds, 'seed')}."]  # fmt: skip
    if seeds == 1 and spec.kind != "minutes":
        parts.append("One seed only: chance of the seed is not seen.")
    left = sorted({str(row) for row in samples["row"]} - {str(row) for row in used["row"]})
    if left:
        parts.append(f"Not compared: {_listed(left)} (labels beyond the budget, or fewer settings).")
    missing = _missing(samples, spec)
    parts += [f"{_count(missing, 'cell')} of the table without a score."] if missing else []
    return " ".join(parts)


def _missing(samples: pd.DataFrame, spec: TableSpec) -> int:
    impossible = set(spec.not_applicable)
    there = {tuple(key) for key in samples[["row", *PLACE]].itertuples(index=False, name=None)}
    rows = [(f"{one} - {other}", "") for one, other in spec.steps] or [(r.label, r.method) for r in spec.rows]
    cells = [
        (label, *column)
        for label, method in rows
        for column in spec.columns
        if (column.backbone, method) not in impossible
    ]
    return sum(cell not in there for cell in cells)


def _listed(names: Sequence[str]) -> str:
    more = [f"{len(names) - NAMED} more"] if len(names) > NAMED else []
    return ", ".join([*names[:NAMED], *more])


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _points(value: float) -> str:
    return f"{value:.1f} points"


def _signed(value: float) -> str:
    return f"{value:+.1f}".replace("-", "−")


def _interval(gap: Gap) -> str:
    return f"95 % interval {_signed(gap.low)} to {_signed(gap.high)}"
