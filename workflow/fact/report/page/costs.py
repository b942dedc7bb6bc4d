"""Seconds and memory of each phase, as the run has measured them."""

from collections.abc import Iterable

import pandas as pd

from fact.config.paths import Cell
from fact.infra.fields import Settings
from fact.infra.process.timing import training_seconds
from fact.report.drawing.stacks import Stack, stack_plot
from fact.report.page.by_place import by_name, caption_of, first_groups
from fact.report.page.section import Entry, Figure, Figures, Section, Table
from fact.report.page.spread import SETTING
from fact.report.tables.durations import in_words, unit_of

PHASES = {
    "select": "selection",
    "probe": "phase 1: probe",
    "tune": "phase 2: tuning",
    "refine": "refined features",
    "head": "phase 3: head",
}
SLOTS = dict(zip(PHASES.values(), (5, 0, 10, 6, 2), strict=True))
NAMES = {"s": "seconds", "min": "minutes", "h": "hours"}
NOTE = (
    "Time of each phase on the device that ran it, means over seeds; scoring the test images is counted "
    "apart. A phase that several methods share runs once and counts for each of them. Figures are of the "
    "last budget, the table of all."
)
MISSING = "No timings."


def costs_section(costs: pd.DataFrame) -> Section:
    """Return a figure for each setting of a dataset's last budget, and all numbers as a table.

    ``costs`` of :func:`phase_costs`.
    """
    title = "Time and memory"
    if costs.empty:
        return Section("costs", title, NOTE, parts=(), missing=MISSING)
    last = {str(name): str(rows["budget"].iloc[-1]) for name, rows in by_name(costs, "dataset")}
    groups, note = first_groups(costs[costs["budget"] == costs["dataset"].map(last)], SETTING)
    figures = [_figure(f"costs-{number}", *found) for number, found in enumerate(groups)]
    legend = [Entry(name, slot, "square") for name, slot in SLOTS.items() if name in set(costs["phase"])]
    return Section("costs", title, NOTE, parts=[Figures(figures, legend, note), _table(costs)])


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


def _figure(key: str, keys: dict[str, str], rows: pd.DataFrame) -> Figure:
    by_method = {name: here.groupby("phase")["seconds"].sum() for name, here in by_name(rows, "method")}
    totals = {name: float(phases.sum()) for name, phases in by_method.items()}
    size, unit = unit_of(max(totals.values()))
    stacks = [
        Stack(name, _parts(by_method[name] / size), in_words(totals[name]), {"method": name})
        for name in sorted(totals, key=lambda name: totals[name])
    ]
    caption = caption_of(keys)
    keys.pop("budget")
    return Figure(key, caption, stack_plot(stacks, SLOTS, NAMES[unit], f"Time by phase, {caption}"), keys)


def _parts(phases: pd.Series) -> dict[str, float]:
    return {str(name): float(value) for name, value in phases.items()}


def _table(costs: pd.DataFrame) -> Table:
    header = [*SETTING, "method", "phase", "device", "time", "scoring", "memory", "GPU memory"]
    rows = [
        [*map(str, row[:7]), *map(_time, row[7:9]), *map(_memory, row[9:])]
        for row in costs.itertuples(index=False)
    ]
    return Table("Time and peak memory by phase", header, rows, names=6)


def _time(seconds: float) -> str:
    return "" if pd.isna(seconds) else in_words(seconds)


def _memory(mebibytes: float) -> str:
    if pd.isna(mebibytes):
        return ""
    return f"{mebibytes:.0f} MiB" if mebibytes < 1000 else f"{mebibytes / 1024:.1f} GiB"
