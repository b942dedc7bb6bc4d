"""What figures share: a backend without a window, a paper's column, names as they are, no date."""

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
from matplotlib import font_manager
from matplotlib.ft2font import FT2Font
from matplotlib.lines import Line2D

from fact.infra.fields import Settings
from fact.infra.files.publish import publish
from fact.report.drawing.frame import kept_apart
from fact.report.palette import Style

__all__ = ["AXES", "in_columns", "label_ends", "looks", "plain", "plt", "save"]

AXES = {"accuracy": "top-1 accuracy, last epoch (%)", "segmentation": "mIoU, last iteration (%)"}
COLUMN = 3.4
"""Inches of a column of a paper; two of them and the gap between are 7."""
PAGE = 7.0
MARKERS = {
    "circle": "o", "square": "s", "diamond": "D", "triangle-up": "^", "triangle-down": "v",
    "triangle-left": "<", "triangle-right": ">", "plus": "P", "cross": "X", "star": "*", "pentagon": "p",
    "hexagon": "h",
}  # fmt: skip
FALLBACKS = (
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "WenQuanYi Micro Hei",
    "Droid Sans Fallback",
    "Noto Sans",
)
"""Fonts of other scripts, where the machine has them."""
LOOK: Settings = {
    "font.size": 7.5,
    "axes.titlesize": 7.5,
    "axes.labelsize": 7.5,
    "legend.fontsize": 7,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "grid.color": "#d5d9de",
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "hatch.linewidth": 0.5,
    # letters stay letters, which a paper's search finds
    "pdf.fonttype": 42,
    "svg.fonttype": "none",
    "svg.hashsalt": "fact",
}
METADATA = {".pdf": {"CreationDate": None}, ".svg": {"Date": None}, ".png": {"Software": None}}


def in_columns(panels: int, height: float) -> tuple[plt.Figure, list[plt.Axes]]:
    """Return a figure of so many panels of this height in inches, one below the other in a paper's column.

    More than three stand in two columns, over the width of a page.
    """
    plt.style.use({**LOOK, "font.family": ["DejaVu Sans", *_others()]})
    columns = 1 if panels <= 3 else 2
    rows = -(-panels // columns)
    size = (COLUMN if columns == 1 else PAGE, height * rows)
    figure, axes = plt.subplots(rows, columns, figsize=size, squeeze=False, layout="constrained")
    for spare in axes.flat[panels:]:
        spare.set_visible(False)
    return figure, list(axes.flat[:panels])


def looks(style: Style) -> Settings:
    """Return colour, marker and dash of a style, as matplotlib names them."""
    dash = (0, style.dash) if style.dash else "-"
    return {"color": style.colour, "marker": MARKERS[style.marker], "linestyle": dash}


def label_ends(axis: plt.Axes, ends: Sequence[tuple[str, float, Style]]) -> None:
    """Write names on the right, near the values where their lines end, so that none covers another."""
    axis.figure.canvas.draw()
    low, high = axis.get_ylim()
    heights = [(value - low) / (high - low) for _, value, _ in ends]
    gap = 9 / 72 / (axis.get_window_extent().height / axis.figure.dpi)
    for (name, _, style), place in zip(ends, kept_apart(heights, gap, 0.0, 1.0), strict=True):
        mark = Line2D(
            [1.03], [place], transform=axis.transAxes, clip_on=False, markersize=3.5, **looks(style)
        )
        axis.add_line(mark)
        axis.annotate(
            plain(name),
            (1.06, place),
            xycoords="axes fraction",
            va="center",
            fontsize=7,
            annotation_clip=False,
        )


def plain(name: str) -> str:
    """Return a name as matplotlib prints it unchanged: it reads a pair of dollars as a formula.

    A letter that no font of this machine has stands as its code, such as ⟨56DB⟩, rather than as a box.
    """
    known = _letters()
    readable = "".join(letter if ord(letter) in known else f"⟨{ord(letter):04X}⟩" for letter in name)
    return readable.replace("$", r"\$")


def save(figure: plt.Figure, path: Path) -> None:
    """Publish a figure in the format of the path's suffix, without a date: equal figures give equal bytes."""
    with publish(path) as temporary:
        figure.savefig(temporary, format=path.suffix[1:], dpi=300, metadata=METADATA[path.suffix])


@cache
def _others() -> tuple[str, ...]:
    installed = {font.name for font in font_manager.fontManager.ttflist}
    return tuple(name for name in FALLBACKS if name in installed)


@cache
def _letters() -> frozenset[int]:
    """Return the codes of all letters that the figures' fonts have."""
    return frozenset(code for name in ("DejaVu Sans", *_others()) for code in _codes(name))


def _codes(font: str) -> Iterable[int]:
    return FT2Font(font_manager.findfont(font)).get_charmap()
