"""Draw the road from a pool to a model, as README and the documentation show it: docs/phases.svg.

python docs/draw_phases.py
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

PICTURE = Path(__file__).with_name("phases.svg")
WIDTH, HEIGHT = 1000, 300
TOP, TALL, WIDE, GAP = 92, 104, 134, 39
# fill and line of a box, by what it is: data, a person's work, a phase of training
COLOURS = {"data": ("#eef2f6", "#51606f"), "person": ("#fdf0d9", "#9a6b12"), "phase": ("#e0edf9", "#1f5f99")}


class Box(NamedTuple):
    """A step of the road: its heading, two lines below it, and what kind of step it is."""

    heading: str
    lines: tuple[str, str]
    kind: str


STEPS = (
    Box("Select", ("ActiveFT or a peer,", "on frozen features"), "data"),
    Box("Label", ("a hundred images,", "in the browser"), "person"),
    Box("1  LP", ("linear probe,", "backbone frozen"), "phase"),
    Box("2  FF or LoRA", ("backbone finetuned,", "from the probe on"), "phase"),
    Box("3  LM", ("attention pooling,", "L-BFGS, FroFA"), "phase"),
    Box("Model", ("with an accuracy", "to believe"), "data"),
)
POOL = "Pool of unlabelled images"
BACK = "FACT-pool: the unlabelled images come back in phase 3"
LINE = 'fill="none" stroke="#51606f" stroke-width="1.5" marker-end="url(#tip)"'


def left(index: int) -> float:
    """Return where the box of a step begins."""
    return 18 + index * (WIDE + GAP - 10)


def picture() -> str:
    """Return the picture as SVG, on a light ground of its own."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif">',
        "<title>From the pool to a model</title>",
        '<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7"',
        ' orient="auto"><path d="M0 0L10 5L0 10z" fill="#51606f"/></marker></defs>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="10" fill="#ffffff"/>',
        *pool(),
        *(part for index, step in enumerate(STEPS) for part in drawn(index, step)),
        *(arrow(left(index) + WIDE, left(index + 1)) for index in range(len(STEPS) - 1)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def drawn(index: int, step: Box) -> Iterator[str]:
    """Yield the box of a step and its words."""
    fill, line = COLOURS[step.kind]
    x, middle = left(index), left(index) + WIDE / 2
    yield (
        f'<rect x="{x}" y="{TOP}" width="{WIDE}" height="{TALL}" rx="8" fill="{fill}" stroke="{line}" '
        'stroke-width="1.5"/>'
    )
    yield text(middle, TOP + 36, step.heading, size=17, weight=600)
    for number, words in enumerate(step.lines):
        yield text(middle, TOP + 64 + 18 * number, words, size=12)


def pool() -> Iterator[str]:
    """Yield the pool above the road, as small squares, and the two ways on which it is used."""
    for number in range(26):
        picked = number in (3, 9, 14, 20)
        fill = "#1f5f99" if picked else "#c9d3dd"
        x, y = 18 + 17 * (number % 13), 18 + 17 * (number // 13)
        yield f'<rect x="{x}" y="{y}" width="13" height="13" rx="2" fill="{fill}"/>'
    yield text(252, 41, POOL, size=14, weight=600, anchor="start")
    middle = left(0) + WIDE / 2
    yield f'<path d="M{middle} 54V{TOP - 4}" {LINE}/>'
    head, low = left(4) + WIDE / 2, TOP + TALL
    yield (
        f'<path d="M{middle} {low}C{middle} {low + 78} {head} {low + 78} {head} {low + 4}" {LINE} '
        'stroke-dasharray="5 4"/>'
    )
    yield text(
        (middle + head) / 2, low + 82, "FACT-pool: the unlabelled images come back in phase 3", size=13
    )


def arrow(start: float, end: float) -> str:
    """Return the arrow from one step to the next."""
    y = TOP + TALL / 2
    return f'<path d="M{start} {y}H{end - 2}" {LINE}/>'


def text(x: float, y: float, words: str, *, size: float, weight: int = 400, anchor: str = "middle") -> str:
    """Return words at a place."""
    return (
        f'<text x="{x}" y="{y}" font-size="{size}" font-weight="{weight}" fill="#1d2733" '
        f'text-anchor="{anchor}">{escape(words)}</text>'
    )


if __name__ == "__main__":
    PICTURE.write_text(picture(), "utf-8")
