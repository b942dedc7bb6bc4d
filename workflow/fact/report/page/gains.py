"""What each step of FACT adds (the paper's Table IX), as a waterfall."""

from collections.abc import Sequence
from itertools import pairwise

import altair as alt
import pandas as pd

from fact.report.page.by_place import charts_by_place
from fact.report.page.charting import ROWS, WIDE, specification, with_choices
from fact.report.page.section import Section
from fact.report.page.spread import SETTING, over_seeds

CHAINS = {
    "FACT": ["FF", "LP", "LP-FT", "FACT w/o FroFA", "FACT"],
    "L3FACT": ["FF", "LP", "LP-LoRA", "L3FACT w/o FroFA", "L3FACT"],
}
"""Methods in the order of the steps that lead from full finetuning to them."""
NOTE = (
    "The first bar is the accuracy of the first method in %, every other one what its method adds to the one "
    "before, in points; means over seeds."
)
MISSING = "No setting has scores of two methods of a chain such as FF, LP, LP-FT, FACT w/o FroFA, FACT."
COLOURS = {"start": "#7f7f7f", "gain": "#2a9d5c", "loss": "#d1495b"}


def gains_section(scores: pd.DataFrame) -> Section:
    """Return a waterfall for each dataset and backbone; selector, budget and chain can be chosen."""
    steps = gain_steps(scores)
    charts = charts_by_place("gains", steps, _waterfall)
    return Section("gains", "What each step adds", NOTE, parts=charts, missing=MISSING)


def gain_steps(scores: pd.DataFrame) -> pd.DataFrame:
    """Return one row per step of a chain.

    SETTING, ``chain``, ``step``, ``method``, ``start``, ``end``, ``gain`` and ``kind``.

    Methods without a score are stepped over; a chain of fewer than two is left out.
    """
    means = over_seeds(scores)
    rows = []
    for setting, here in means.groupby(SETTING, sort=False):
        accuracy = dict(zip(here["method"], here["mean"], strict=True))
        for chain, methods in CHAINS.items():
            steps = _steps(accuracy, [method for method in methods if method in accuracy])
            rows += [{**dict(zip(SETTING, setting, strict=True)), "chain": chain, **step} for step in steps]
    columns = [*SETTING, "chain", "step", "method", "start", "end", "gain", "kind"]
    return pd.DataFrame(rows, columns=columns).round({"gain": 2})


def _steps(accuracy: dict[str, float], methods: Sequence[str]) -> list[dict]:
    if len(methods) < 2:
        return []
    first = {"step": 0, "method": methods[0], "start": 0.0, "kind": "start"}
    rows = [{**first, "end": accuracy[methods[0]], "gain": accuracy[methods[0]]}]
    for step, (before, method) in enumerate(pairwise(methods), start=1):
        gain = accuracy[method] - accuracy[before]
        kind = "gain" if gain >= 0 else "loss"
        ends = {"start": accuracy[before], "end": accuracy[method], "gain": gain}
        rows.append({"step": step, "method": method, **ends, "kind": kind})
    return rows


def _waterfall(frame: pd.DataFrame) -> dict:
    x = alt.X("method:N", sort=alt.EncodingSortField("step"), title=None, axis=alt.Axis(labelAngle=-30))
    end = alt.Tooltip("end:Q", title="accuracy (%)")
    tooltip = ["method:N", alt.Tooltip("gain:Q", format="+.2f"), end]
    scale = alt.Scale(domain=list(COLOURS), range=list(COLOURS.values()))
    bars = (
        alt.Chart(ROWS)
        .mark_bar()
        .encode(
            x=x,
            y=alt.Y("start:Q", title="accuracy (%)"),
            y2="end:Q",
            color=alt.Color("kind:N", scale=scale, legend=None),
            tooltip=tooltip,
        )
    )
    texts = (
        alt.Chart(ROWS).mark_text(dy=-8).encode(x=x, y=alt.Y("top:Q", title="accuracy (%)"), text="label:N")
    )
    label = "format(datum.gain, datum.step ? '+.2f' : '.2f')"
    layers = (
        alt.layer(bars, texts)
        .transform_calculate(label=label, top="max(datum.start, datum.end)")
        .properties(**WIDE)
    )
    # one choice of both, for not every chain is there with every selector
    rows = frame.assign(towards=frame["chain"] + ", " + frame["selector"]).drop(columns=["chain", "selector"])
    return specification(with_choices(layers, rows, {"towards": "towards", "budget": "budget"}), rows=rows)
