"""Which classes were taken for which."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from markupsafe import Markup

from fact.report.drawing.dot_plot import Dot, dot_plot
from fact.report.drawing.matrix import matrix
from fact.report.page.by_place import at_place, places
from fact.report.page.section import Figure, Figures, Section
from fact.tasks.classification.confusion import read_confusions

SQUARE = 30
"""Up to so many classes the whole matrix is shown, above the most frequent confusions."""
SHOWN = 20
CELLS = 12_000
"""Cells of all matrices of the page together."""
NOTE = (
    "Test images of each class by what they were taken for, in % of the class, over all seeds, at the largest "
    f"budget; best method first. Datasets of more than {SQUARE} classes show the {SHOWN} most frequent "
    "confusions."
)
MISSING = "No score holds a confusion matrix."


def confusions_section(
    scores: pd.DataFrame, records: Mapping[str, dict], classes: Mapping[str, Sequence[str]]
) -> Section:
    """Return figures for each dataset and backbone; ``classes`` are the class names by dataset."""
    parts = []
    for number, place in enumerate(places(scores)):
        here, names = at_place(scores, place), classes[place[0]]
        most = max(1, CELLS // len(places(scores)) // min(len(names), SQUARE) ** 2)
        largest = here[here["budget"] == here["budget"].iloc[-1]]
        figures = list(_figures(f"confusions-{number}", place, largest, records, names))
        note = f"The best {most} of {len(figures)} are shown." if len(figures) > most else ""
        if figures:
            parts.append(Figures(figures[:most], note=note, shown=2))
    return Section("confusions", "Confusions", NOTE, parts=parts, missing=MISSING)


def counted(records: Sequence[dict], classes: int) -> np.ndarray:
    """Return (C, C) int: test images by true and predicted class, summed over the records."""
    counts = np.zeros((classes, classes), np.int64)
    for record in records:
        pairs = read_confusions(record.get("confusion", []))
        np.add.at(counts, (pairs[:, 0], pairs[:, 1]), pairs[:, 2])
    return counts


def _figures(
    key: str, place: tuple[str, str], scores: pd.DataFrame, records: Mapping[str, dict], names: Sequence[str]
) -> Iterator[Figure]:
    means = scores.groupby(["selector", "method"], sort=False)["top1_last"].mean()
    order = means.sort_values(ascending=False, kind="stable")
    groups = dict(iter(scores.groupby(["selector", "method"], sort=False)))
    for number, (run, mean) in enumerate(order.items()):
        counts = counted([records[path] for path in groups[run]["path"]], len(names))
        if counts.any():
            keys = dict(zip(("dataset", "backbone", "selector", "method"), (*place, *run), strict=True))
            budget = scores["budget"].iloc[0]
            caption = f"{' · '.join(place)} · {budget}: {run[1]}, {run[0]}, {100 * mean:.1f} %"
            yield Figure(f"{key}-{number}", caption, _drawn(counts, names, caption), keys)


def _drawn(counts: np.ndarray, names: Sequence[str], caption: str) -> Markup:
    if len(names) <= SQUARE:
        return matrix(counts, names, f"Confusion matrix, {caption}")
    return dot_plot(most_frequent(counts, names), "% of the true class", f"Confusions, {caption}", zero=True)


def most_frequent(counts: np.ndarray, names: Sequence[str]) -> list[Dot]:
    """Return the pairs of classes that are taken for each other most often, as dots in %."""
    shares = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    np.fill_diagonal(shares, 0)
    order = np.argsort(-shares, axis=None, kind="stable")[:SHOWN]
    pairs = [divmod(int(index), len(names)) for index in order if shares.flat[index] > 0]
    return [
        Dot(
            f"{names[true]} → {names[guess]}", float(shares[true, guess]), slot=2,
            note=f"{names[true]}, taken for {names[guess]}: {counts[true, guess]} of {counts[true].sum()}",
        )
        for true, guess in pairs
    ]  # fmt: skip
