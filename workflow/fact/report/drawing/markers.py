"""Shapes of markers."""

import math

from markupsafe import Markup

from fact.report.drawing.svg import element, number

_POLYGONS = {
    "triangle-up": (3, -90, 1.25),
    "triangle-down": (3, 90, 1.25),
    "triangle-left": (3, 180, 1.25),
    "triangle-right": (3, 0, 1.25),
    "square": (4, 45, 1.2),
    "diamond": (4, 0, 1.3),
    "pentagon": (5, -90, 1.1),
    "hexagon": (6, 0, 1.1),
}
"""Corners, angle of the first one in degrees, and size in relation to a circle's."""


def marker(name: str, x: float, y: float, radius: float = 4.0, **values: object) -> Markup:
    """Return a marker in the colour of what is around it. Raises KeyError for an unknown shape."""
    if name == "circle":
        return element("circle", cx=float(x), cy=float(y), r=float(radius), fill="currentColor", **values)
    path = _POINTS[name](x, y, radius) if name in _POINTS else _polygon(x, y, radius, *_POLYGONS[name])
    return element("path", d=path, fill="currentColor", **values)


def _polygon(x: float, y: float, radius: float, corners: int, turn: float, size: float) -> str:
    angles = [math.radians(turn + 360 * corner / corners) for corner in range(corners)]
    return _closed([(x + radius * size * math.cos(a), y + radius * size * math.sin(a)) for a in angles])


def _star(x: float, y: float, radius: float) -> str:
    angles = [math.radians(-90 + 36 * corner) for corner in range(10)]
    sizes = [radius * (1.4 if corner % 2 == 0 else 0.6) for corner in range(10)]
    return _closed([(x + s * math.cos(a), y + s * math.sin(a)) for a, s in zip(angles, sizes, strict=True)])


def _plus(x: float, y: float, radius: float, turn: float = 0) -> str:
    inner, outer = radius * 0.4, radius * 1.25
    quarter = [(inner, inner), (outer, inner), (outer, -inner), (inner, -inner)]
    points = [_turned(px, py, turn - 90 * corner) for corner in range(4) for px, py in quarter[:3]]
    return _closed([(x + px, y + py) for px, py in points])


def _cross(x: float, y: float, radius: float) -> str:
    return _plus(x, y, radius, 45)


def _turned(x: float, y: float, degrees: float) -> tuple[float, float]:
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return x * cos - y * sin, x * sin + y * cos


def _closed(points: list[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points) + "Z"


_POINTS = {"star": _star, "plus": _plus, "cross": _cross}
