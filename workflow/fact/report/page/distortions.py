"""How far finetuning moves the features, of labelled and of other images of the pool."""

from collections.abc import Iterator

import pandas as pd
from markupsafe import Markup

from fact.report.drawing.dot_plot import Dot, dot_plot
from fact.report.drawing.line_plot import Axes, Line, Point, line_plot
from fact.report.page.by_place import by_name, caption_of, groups_of, in_order
from fact.report.page.section import Entry, Figure, Figures, Section
from fact.report.palette import Style, in_turn
from fact.report.tables.distortion import over_seeds
from fact.report.tables.printed import records_of

NOTE = (
    "Mean distance between the refined and the frozen features of an image, as a share of the frozen "
    "features' mean length, in %; mean over seeds. Labelled images, and a fixed sample of the pool without "
    "labels, dashed in lines over the budget."
)
MISSING = "Distortion was not measured in this run: `distortion` is not among `run.report`."
LEAST = 3
DASHES = {"labelled": (), "unlabelled": (3.0, 2.0)}
WHERE = ["dataset", "backbone", "selector"]


def distortions_section(measured: pd.DataFrame | None) -> Section:
    """Return figures for each dataset, backbone and selector; rows of :mod:`fact.features.distortion`."""
    title = "Feature distortion"
    if measured is None or measured.empty:
        return Section("distortion", title, NOTE, parts=(), missing=MISSING)
    means = over_seeds(measured)
    styles = in_turn(means["recipe"])
    figures: list[Figure] = []
    for keys, rows in groups_of(means, WHERE):
        for caption, svg in _drawings(rows, styles, caption_of(keys)):
            figures.append(Figure(f"distortion-{len(figures)}", caption, svg, keys))
    legend = [Entry(name, style.slot, style.marker) for name, style in styles.items()]
    return Section("distortion", title, NOTE, parts=[Figures(figures, legend)], missing=MISSING)


def _drawings(rows: pd.DataFrame, styles: dict[str, Style], caption: str) -> Iterator[tuple[str, Markup]]:
    """Yield lines over the budget, or dots for each of one or two budgets."""
    if rows["budget"].nunique() >= LEAST:
        yield caption, _lines(rows, styles, f"Feature distortion, {caption}")
        return
    for budget, here in by_name(rows, "budget"):
        name = f"{caption} · {budget}"
        yield name, _dots(here, styles, f"Feature distortion, {name}")


def _lines(rows: pd.DataFrame, styles: dict[str, Style], label: str) -> Markup:
    places = {name: place for place, name in enumerate(in_order(rows["budget"]))}
    lines = [
        Line(
            f"{keys['recipe']}, {keys['images']}",
            [Point(places[r["budget"]], 100 * r["relative"]) for r in records_of(here)],
            styles[keys["recipe"]]._replace(dash=DASHES[keys["images"]]),
        )
        for keys, here in groups_of(rows, ["recipe", "images"])
    ]
    return line_plot(lines, Axes("budget", "distance / length (%)", list(places), zero=True), label)


def _dots(rows: pd.DataFrame, styles: dict[str, Style], label: str) -> Markup:
    dots = [
        Dot(
            f"{r['recipe']}, {r['images']}",
            100 * r["relative"],
            slot=styles[r["recipe"]].slot,
            marker=styles[r["recipe"]].marker,
        )
        for r in records_of(rows.sort_values("relative", ascending=False, kind="stable"))
    ]
    return dot_plot(dots, "distance / length (%)", label, zero=True)
