"""Seconds and memory of each phase, as the run has measured them."""

from collections.abc import Iterable, Mapping

import altair as alt
import pandas as pd

from fact.report.charting import WIDE, in_order, rows_of, specification, with_choices
from fact.report.section import Chart, Section, Table
from fact.report.spread import SETTING, at_place, places

WORK = ("selection", "decode", "train")
"""What a phase needs; scoring the test images comes on top."""
NOTE = (
    "Seconds of each phase on the machine that ran it, means over seeds; scoring the test images is counted "
    "apart. A phase that several methods share runs once and counts for each of them."
)
MISSING = "No timings."


def costs_section(costs: pd.DataFrame) -> Section:
    """A chart for each dataset and backbone, and all numbers as a table; ``costs`` of :func:`phase_costs`."""
    if costs.empty:
        return Section("costs", "Time and memory", NOTE, (), MISSING)
    charts = [
        Chart(f"costs-{number}", " · ".join(place), specification(_bars(at_place(costs, place))))
        for number, place in enumerate(places(costs))
    ]
    return Section("costs", "Time and memory", NOTE, [*charts, _table(costs)])


def phase_costs(timings: Iterable[tuple[Mapping[str, object], str, dict]]) -> pd.DataFrame:
    """SETTING, ``method``, ``phase``, ``seconds``, ``scoring``, ``memory``, ``gpu`` (MiB): means over seeds.

    ``timings``: the row of a score, the phase and its timing record.
    """
    keys = [*SETTING, "method", "phase"]
    rows = [
        {
            **{key: row[key] for key in (*SETTING, "method")},
            "phase": phase,
            "seconds": sum(timing["seconds"].get(kind, 0.0) for kind in WORK),
            "scoring": timing["seconds"].get("evaluate", 0.0),
            "memory": timing["peak_memory_mb"].get("cpu"),
            "gpu": timing["peak_memory_mb"].get("cuda"),
        }
        for row, phase, timing in timings
    ]
    columns = {"seconds": float, "scoring": float, "memory": float, "gpu": float}
    frame = pd.DataFrame(rows, columns=[*keys, *columns]).astype(columns)
    return frame.groupby(keys, sort=False).mean().reset_index()


def _bars(frame: pd.DataFrame) -> alt.Chart:
    shown = frame[["method", "phase", "selector", "budget", "seconds"]].round({"seconds": 3})
    legend = alt.Legend(orient="bottom")
    phases = in_order(sorted(frame["phase"], key=_place_of_phase))
    chart = (
        alt.Chart(rows_of(shown))
        .mark_bar()
        .encode(
            y=alt.Y("method:N", sort=in_order(frame["method"]), title=None),
            x=alt.X("seconds:Q", title="seconds"),
            color=alt.Color(
                "phase:N",
                scale=alt.Scale(domain=phases, scheme="tableau10"),
                legend=legend,
            ),
            order=alt.Order("phase:O"),
            tooltip=["method:N", "phase:N", alt.Tooltip("seconds:Q", format=".3g")],
        )
    )
    return with_choices(chart.properties(**WIDE), frame, {"selector": "selector", "budget": "budget"})


def _place_of_phase(phase: str) -> tuple[bool, str]:
    return phase != "selection", phase


def _table(costs: pd.DataFrame) -> Table:
    header = [*SETTING, "method", "phase", "seconds", "scoring (s)", "memory (MiB)", "GPU memory (MiB)"]
    rows = [
        [*map(str, row[:6]), *("" if pd.isna(value) else f"{value:.4g}" for value in row[6:])]
        for row in costs.itertuples(index=False)
    ]
    return Table("Seconds and peak memory by phase", header, rows, names=6)
