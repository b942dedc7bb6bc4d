"""Elements of an SVG drawing as texts; whatever names they hold is escaped.

Styles are classes and presentation attributes, for the page's policy forbids style attributes.
"""

from collections.abc import Iterable, Mapping, Sequence

from markupsafe import Markup, escape

WIDTH = 340
"""Pixels: what a phone shows, and the column of a paper."""
LETTER = 6.5
"""Pixels of an average letter in a wide font."""


def number(value: float) -> str:
    """Return a coordinate with at most one digit behind the point."""
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text


def attributes(values: Mapping[str, object]) -> str:
    """Return attributes, each after a space; None is left out, and ``_`` stands for a hyphen."""
    there = ((name.rstrip("_").replace("_", "-"), value) for name, value in values.items())
    return "".join(
        f' {name}="{number(value) if isinstance(value, float) else escape(value)}"'
        for name, value in there
        if value is not None
    )


def element(name: str, *inside: str, **values: object) -> Markup:
    """Return an element around what is already SVG."""
    if not inside:
        return Markup(f"<{name}{attributes(values)}/>")
    return Markup(f"<{name}{attributes(values)}>{''.join(inside)}</{name}>")


def text(x: float, y: float, content: object, **values: object) -> Markup:
    """Return a text that begins at ``x``, with its baseline at ``y``."""
    return element("text", str(escape(content)), x=float(x), y=float(y), **values)


def title(content: object) -> Markup:
    """Return what a pointer that rests on the element around it shows."""
    return element("title", str(escape(content)))


def line(start: tuple[float, float], end: tuple[float, float], **values: object) -> Markup:
    """Return a straight line."""
    return element(
        "line", x1=float(start[0]), y1=float(start[1]), x2=float(end[0]), y2=float(end[1]), **values
    )


def rectangle(
    corner: tuple[float, float], size: tuple[float, float], *inside: str, **values: object
) -> Markup:
    """Return a rectangle by its upper left corner."""
    place = {"x": float(corner[0]), "y": float(corner[1])}
    return element("rect", *inside, **place, width=float(size[0]), height=float(size[1]), **values)


def group(inside: Iterable[str], keys: Mapping[str, str] | None = None, **values: object) -> Markup:
    """Return a group; ``keys``, such as a method, are what the page's filter looks at."""
    named = {f"data-{key}": value for key, value in (keys or {}).items()}
    return element("g", "".join(inside), **values, **named)


def opened(images: Sequence[int], note: str) -> dict[str, object]:
    """Return attributes of what a click, or Enter, opens to show pictures; none without pictures."""
    if not images:
        return {}
    return {"tabindex": 0, "role": "button", "aria_label": note, "data_images": " ".join(map(str, images))}


def drawing(size: tuple[float, float], inside: Iterable[str], label: str) -> Markup:
    """Return the whole drawing; ``label`` is what a screen reader says of it."""
    width, height = (number(side) for side in size)
    content = "".join(inside)
    # what is inside an image cannot be reached, and a group's parts can
    role = "group" if "tabindex=" in content else "img"
    return Markup(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="{role}" aria-label="{escape(label)}">{content}</svg>'
    )


def shortened(name: str, pixels: float) -> str:
    """Return a name that fits into so many pixels, its end replaced by … where it is longer."""
    most = max(2, int(pixels / LETTER))
    return name if len(name) <= most else f"{name[: most - 1]}…"
