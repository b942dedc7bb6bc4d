"""Seconds and memory of each phase, as the run has measured them."""

from collections.abc import Iterable

import altair as alt
import pandas as pd

from fact.config.paths import Cell
from fact.infra.fields import Settings
from fact.infra.process.timing import training_seconds
from fact.report.page.by_place import charts_by_place
from fact.report.page.charting import ROWS, in_order, lines_of, specification, with_choices
from fact.report.page.section import Section, Table
from fact.report.page.spread import SETTING

PHASES = {
    "select": "selection",
    "probe": "phase 1: probe",
    "tune": "phase 2: tuning",
    "refine": "refined features",
    "head": "phase 3: head",
}
NOTE = (
    "Seconds of each phase on the device that ran it, means over seeds; scoring the test images is counted "
    "apart. A phase that several methods share runs once and counts for each of them."
)
MISSING = "No timings."


def costs_section(costs: pd.DataFrame) -> Section:
    """Return a chart for each dataset and backbone, and all numbers as a table.

    ``costs`` of :func:`phase_costs`.
    """
    if costs.empty:
        return Section("costs", "Time and memory", NOTE, parts=(), missing=MISSING)
    charts = charts_by_place("costs", costs, _bars)
    return Section("costs", "Time and memory", NOTE, parts=[*charts, _table(costs)])


def phase_costs(timings: Iterable[tuple[Cell, str, str, Settings]]) -> pd.DataFrame:
    """Return means over seeds, one row per SETTING, ``method``, ``phase`` and ``device``.

    Columns ``seconds``, ``scoring``, ``memory`` and ``gpu`` (MiB).
    ``timings``: the cell, the method, the stage and its timing record.
    """
    keys = [*SETTING, "method", "phase", "device"]
    rows = [
        {
            **cell._asdict(),
            "method": method,
            "phase": PHASES[stage],
            "device": timing.get("device", ""),
            "seconds": training_seconds(timing["seconds"]),
            "scoring": sum(timing["seconds"].get(phase, 0.0) for phase in ("evaluate", "test")),
            "memory": timing["peak_memory_mb"].get("cpu"),
            "gpu": timing["peak_memory_mb"].get("cuda"),
        }
        for cell, method, stage, timing in timings
    ]
    numbers = ["seconds", "scoring", "memory", "gpu"]
    frame = pd.DataFrame(rows, columns=[*keys, *numbers]).astype(dict.fromkeys(numbers, float))
    return frame.groupby(keys, sort=False)[numbers].mean().reset_index()


def _bars(frame: pd.DataFrame) -> dict:
    shown = frame[["method", "phase", "selector", "budget", "seconds"]].round({"seconds": 3})
    shown["place"] = shown["phase"].map(list(PHASES.values()).index)
    legend = alt.Legend(orient="bottom")
    phases = [name for name in PHASES.values() if name in set(frame["phase"])]
    chart = (
        alt.Chart(ROWS)
        .mark_bar()
        .encode(
            y=alt.Y("method:N", sort=in_order(frame["method"]), title=None),
            x=alt.X("seconds:Q", title="seconds"),
            color=alt.Color(
                "phase:N",
                scale=alt.Scale(domain=phases, scheme="tableau10"),
                legend=legend,
            ),
            order=alt.Order("place:Q"),
            tooltip=["method:N", "phase:N", alt.Tooltip("seconds:Q", format=".3g")],
        )
    )
    return specification(
        with_choices(
            chart.properties(**lines_of(frame["method"])), shown, {"selector": "selector", "budget": "budget"}
        ),
        rows=shown,
    )


def _table(costs: pd.DataFrame) -> Table:
    header = [
        *SETTING,
        "method",
        "phase",
        "device",
        "seconds",
        "scoring (s)",
        "memory (MiB)",
        "GPU memory (MiB)",
    ]
    rows = [
        [*map(str, row[:7]), *("" if pd.isna(value) else f"{value:.4g}" for value in row[7:])]
        for row in costs.itertuples(index=False)
    ]
    return Table("Seconds and peak memory by phase", header, rows, names=6)
