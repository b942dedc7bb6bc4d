"""The colours of methods, selectors and matrices as a style, on white and in the dark."""

from collections.abc import Sequence

from fact.report.palette import DARK, LIGHT

STEPS_LIGHT = ("#f3f5f7", "#dcebfa", "#bcd9f5", "#93c1ec", "#62a3de", "#2872b4", "#125d9f", "#0a3f70")
STEPS_DARK = ("#1e2328", "#17324b", "#1a4468", "#1f5a89", "#2b76ae", "#4795cf", "#7db8e8", "#b5dbfa")
"""Steps of a matrix from nothing to all: the more, the farther from the page's own ground."""
TEXT_LIGHT = ("#1d2126",) * 5 + ("#ffffff",) * 3
TEXT_DARK = ("#e4e7ea",) * 4 + ("#ffffff",) + ("#0b0d0f",) * 3


def colours_css() -> str:
    """Return variables and classes: ``c0``.. of names, ``s0``.. and ``t0``.. of cells and their numbers."""
    dark = _variables(DARK, STEPS_DARK, TEXT_DARK)
    rules = [f".c{slot}{{color:var(--c{slot})}}" for slot in range(len(LIGHT))]
    rules += [f"svg .s{n}{{fill:var(--s{n})}}svg .t{n}{{fill:var(--t{n})}}" for n in range(len(STEPS_LIGHT))]
    light = _variables(LIGHT, STEPS_LIGHT, TEXT_LIGHT)
    # a print is on white, whatever the screen
    return f"{light}@media screen and (prefers-color-scheme:dark){{{dark}}}{''.join(rules)}"


def _variables(names: Sequence[str], steps: Sequence[str], texts: Sequence[str]) -> str:
    kinds = {"c": names, "s": steps, "t": texts}
    pairs = (f"--{kind}{n}:{value}" for kind, values in kinds.items() for n, value in enumerate(values))
    return f":root{{{';'.join(pairs)}}}"
