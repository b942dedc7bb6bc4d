"""Which classes were taken for which."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from fact.report.drawing.dot_plot import Dot, dot_plot
from fact.report.drawing.matrix import matrix
from fact.report.page.album import NONE, Album, images_behind
from fact.report.page.by_place import at_place, places
from fact.report.page.section import Figure, Figures, Section
from fact.tasks.classification.confusion import read_confusions

SQUARE = 30
"""Up to so many classes the whole matrix is shown, above the most frequent confusions."""
SHOWN = 20
CELLS = 5_000
"""Cells of all matrices of the page together."""
NOTE = (
    "What the test images of each class were taken for, in % of the class, over all seeds, at the largest "
    f"budget; best method first. Of more than {SQUARE} classes, the {SHOWN} most frequent confusions. A cell "
    "with a dashed outline shows images behind it, on a click or Enter."
)
MISSING = "No score holds a confusion matrix."


def confusions_section(
    scores: pd.DataFrame,
    records: Mapping[str, dict],
    classes: Mapping[str, Sequence[str]],
    albums: Mapping[str, Album],
) -> Section:
    """Return figures for each dataset and backbone; class names and albums are by dataset."""
    parts = []
    for number, place in enumerate(places(scores)):
        here, names = at_place(scores, place), classes[place[0]]
        most = max(1, CELLS // len(places(scores)) // min(len(names), SQUARE) ** 2)
        largest = here[here["budget"] == here["budget"].iloc[-1]]
        runs = _best_first(largest, records)
        figures = list(
            _figures(
                f"confusions-{number}",
                (*place, largest["budget"].iloc[0]),
                runs[:most],
                names,
                albums.get(place[0], NONE),
            )
        )
        note = f"The best {most} of {len(runs)} are shown." if len(runs) > most else ""
        if figures:
            parts.append(Figures(figures, note=note, shown=3))
    return Section("confusions", "Confusions", NOTE, parts=parts, missing=MISSING)


def counted(records: Sequence[dict], classes: int) -> np.ndarray:
    """Return (C, C) int: test images by true and predicted class, summed over the records."""
    counts = np.zeros((classes, classes), np.int64)
    for record in records:
        pairs = read_confusions(record.get("confusion", []))
        np.add.at(counts, (pairs[:, 0], pairs[:, 1]), pairs[:, 2])
    return counts


class Run(NamedTuple):
    """A selector and a method, the mean accuracy in % over seeds, and the score records."""

    selector: str
    method: str
    mean: float
    records: Sequence[dict]


def _best_first(scores: pd.DataFrame, records: Mapping[str, dict]) -> list[Run]:
    groups = scores.groupby(["selector", "method"], sort=False)
    runs = [
        Run(
            str(selector),
            str(method),
            100 * rows["top1_last"].mean(),
            [records[path] for path in rows["path"]],
        )
        for (selector, method), rows in groups
    ]
    known = [run for run in runs if any(record.get("confusion") for record in run.records)]
    return sorted(known, key=lambda run: -run.mean)


def _figures(
    key: str, place: tuple[str, str, str], runs: Sequence[Run], names: Sequence[str], album: Album
) -> Iterator[Figure]:
    dataset, backbone, budget = place
    for number, run in enumerate(runs):
        keys = {"dataset": dataset, "backbone": backbone, "selector": run.selector, "method": run.method}
        caption = f"{dataset} · {backbone} · {budget}: {run.method}, {run.selector}, {run.mean:.1f} %"
        counts, images = counted(run.records, len(names)), images_behind(run.records, album)
        if len(names) <= SQUARE:
            svg = matrix(counts, names, f"Confusion matrix, {caption}", images)
        else:
            svg = dot_plot(
                most_frequent(counts, names, images),
                "% of the true class",
                f"Confusions, {caption}",
                zero=True,
            )
        yield Figure(f"{key}-{number}", caption, svg, keys)


def most_frequent(
    counts: np.ndarray, names: Sequence[str], images: Mapping[tuple[int, int], Sequence[int]]
) -> list[Dot]:
    """Return the pairs of classes that are taken for each other most often, as dots in %."""
    shares = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    np.fill_diagonal(shares, 0)
    order = np.argsort(-shares, axis=None, kind="stable")[:SHOWN]
    pairs = [divmod(int(index), len(names)) for index in order if shares.flat[index] > 0]
    return [
        Dot(
            f"{names[true]} → {names[guess]}", float(shares[true, guess]), slot=2,
            images=images.get((true, guess), ()),
            note=f"{names[true]}, taken for {names[guess]}: {counts[true, guess]} of {counts[true].sum()}",
        )
        for true, guess in pairs
    ]  # fmt: skip
