"""What each step adds, as steps that build on each other."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from fact.report.drawing.step_plot import Step, step_plot
from fact.report.page.by_place import caption_of, first_groups, groups_of
from fact.report.page.looks import Looks
from fact.report.page.section import Figure, Figures, Section
from fact.report.page.spread import SETTING
from fact.report.tables.paired_interval import paired_interval
from fact.report.tables.printed import records_of

CHAINS = {
    "FACT": ["LR-frozen", "LP-FT", "FACT", "FACT-pool"],
    "L3FACT": ["LR-frozen", "LP-LoRA", "L3FACT", "L3FACT-pool"],
}
"""Methods in the order of the steps that lead from frozen features to them."""
REFERENCE = "FF"
NOTE = (
    "Each step builds on the one before; its number is what it adds, in points. Means over seeds; bars: 95 % "
    "intervals of the gain, of the same seeds, from three seeds on. A dashed line: full finetuning (FF)."
)
MISSING = "No setting has scores of two methods of a chain such as LR-frozen, LP-FT, FACT, FACT-pool."


def gains_section(scores: pd.DataFrame, looks: Looks) -> Section:
    """Return a figure for each setting and chain, the largest budgets first."""
    steps = gain_steps(scores)
    groups, note = first_groups(steps, [*SETTING, "chain"], scores)
    figures = [_figure(f"gains-{n}", keys, rows, looks) for n, (keys, rows) in enumerate(groups)]
    parts = [Figures(figures, note=note)] if figures else []
    return Section("gains", "What each step adds", NOTE, parts=parts, missing=MISSING)


def gain_steps(scores: pd.DataFrame) -> pd.DataFrame:
    """Return one row per step of a chain: SETTING, ``chain``, ``method``, and in % or points ``value``,
    ``gain``, ``low``, ``high`` and ``reference``, the accuracy of full finetuning.

    Methods without a score are stepped over; a chain of fewer than two is left out.
    """
    chained = {REFERENCE, *(method for chain in CHAINS.values() for method in chain)}
    scores = scores.loc[scores["method"].isin(chained), [*SETTING, "method", "seed", "top1_last"]]
    rows = [
        {**keys, "chain": chain, **step}
        for keys, here in groups_of(scores, SETTING)
        for chain, methods in CHAINS.items()
        for step in _steps(_by_seed(here), methods)
    ]
    columns = [*SETTING, "chain", "method", "value", "gain", "low", "high", "reference"]
    return pd.DataFrame(rows, columns=columns)


def _by_seed(scores: pd.DataFrame) -> dict[str, pd.Series]:
    """Return the accuracy in % by seed of each method."""
    known = scores.dropna(subset="top1_last")
    return {str(name): 100 * rows.set_index("seed")["top1_last"] for name, rows in known.groupby("method")}


def _steps(accuracy: Mapping[str, pd.Series], chain: Sequence[str]) -> Iterator[dict[str, object]]:
    there = [method for method in chain if method in accuracy]
    if len(there) < 2:
        return
    reference = accuracy[REFERENCE].mean() if REFERENCE in accuracy else np.nan
    for before, method in zip([None, *there], there, strict=False):
        gain = _gain(accuracy[method], accuracy[before]) if before else (np.nan,) * 3
        ends = dict(zip(("gain", "low", "high"), gain, strict=True))
        yield {"method": method, "value": accuracy[method].mean(), **ends, "reference": reference}


def _gain(one: pd.Series, other: pd.Series) -> tuple[float, float, float]:
    mean = float(one.mean() - other.mean())
    pairs = (one - other).dropna()
    # of unlike seeds a gain is the difference of means, without an interval
    whole = len(pairs) == len(one) == len(other)
    return (mean, *(paired_interval([pairs.to_numpy()]) if whole else (np.nan, np.nan)))


def _figure(key: str, keys: dict[str, str], rows: pd.DataFrame, looks: Looks) -> Figure:
    steps = [
        Step(
            r["method"],
            r["value"],
            looks.methods[r["method"]],
            r["gain"],
            r["low"],
            r["high"],
            {"method": r["method"]},
        )
        for r in records_of(rows)
    ]
    reference = rows["reference"].iloc[0]
    at = None if np.isnan(reference) else (REFERENCE, float(reference))
    shown = {name: value for name, value in keys.items() if name not in ("budget", "chain")}
    caption = caption_of({name: value for name, value in keys.items() if name != "chain"})
    return Figure(
        key, caption, step_plot(steps, "accuracy (%)", f"Steps to {keys['chain']}, {caption}", at), shown
    )
