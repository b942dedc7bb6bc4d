"""Bars of parts, a row each, with the total on the right."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from fact.report.drawing.frame import bottom_axis
from fact.report.drawing.scale import Scale, from_zero
from fact.report.drawing.svg import LETTER, WIDTH, drawing, group, rectangle, shortened, text, title

ROW, NAMES, VALUES, TOP = 20, 130, 56, 6


@dataclass(frozen=True)
class Stack:
    """One row: its parts by name, and its total as it is printed."""

    name: str
    parts: Mapping[str, float]
    total: str
    keys: Mapping[str, str] = field(default_factory=dict)


def stack_plot(stacks: Sequence[Stack], slots: Mapping[str, int], axis: str, label: str) -> Markup:
    """Return the rows from top to bottom. ``slots``: the colour of each part, in order."""
    names = min(NAMES, max((len(stack.name) for stack in stacks), default=1) * LETTER + 8)
    bottom = TOP + ROW * len(stacks)
    scale = from_zero([sum(stack.parts.values()) for stack in stacks], (names + 6, WIDTH - VALUES))
    parts = [*bottom_axis(scale, TOP, bottom, axis)]
    for number, stack in enumerate(stacks):
        parts.append(group(_marks(stack, TOP + ROW * number, scale, slots), stack.keys))
    return drawing((WIDTH, bottom + 34), parts, label)


def _marks(stack: Stack, top: float, scale: Scale, slots: Mapping[str, int]) -> Iterator[Markup]:
    names = scale.start - 6
    yield text(names, top + 14, shortened(stack.name, names), text_anchor="end", class_="name")
    at = 0.0
    for part, slot in slots.items():
        value = stack.parts.get(part, 0.0)
        if value:
            size = (scale(at + value) - scale(at), ROW - 6.0)
            note = title(f"{stack.name}, {part}: {value:.3g}")
            yield rectangle((scale(at), top + 3), size, note, class_=f"c{slot} part")
        at += value
    yield text(WIDTH - 2, top + 14, stack.total, text_anchor="end", class_="value")
