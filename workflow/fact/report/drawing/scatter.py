"""Points in a plane, some of them picked."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from fact.report.drawing.markers import marker
from fact.report.drawing.svg import WIDTH, drawing, element, group, number, title

HEIGHT, EDGE = 340, 8


@dataclass(frozen=True)
class Cloud:
    """Points of one colour; ``slot`` None: grey, or as ``look``, a class of the page's style, has it."""

    points: Iterable[tuple[float, float]]
    slot: int | None = None
    look: str = ""


@dataclass(frozen=True)
class Pick:
    """A point that stands out. ``image``: the number of its picture on the page; None: it has none."""

    x: float
    y: float
    note: str
    image: int | None = None
    marker: str = "circle"
    class_: str = "pick"
    keys: Mapping[str, str] = field(default_factory=dict)


def scatter(clouds: Sequence[Cloud], picks: Sequence[Pick], label: str) -> Markup:
    """Return points and picks on them; ``x`` and ``y`` are 0..1, with (0, 0) at the lower left."""
    parts = [element("path", d=_dots(cloud.points), class_=_class(cloud)) for cloud in clouds]
    return drawing((WIDTH, HEIGHT), [*parts, *map(_pick, picks)], label)


def _class(cloud: Cloud) -> str:
    return cloud.look or ("cloud" if cloud.slot is None else f"cloud c{cloud.slot}")


def _dots(points: Iterable[tuple[float, float]]) -> str:
    """Return a path of lines without length, which round ends make dots: a few bytes each."""
    return "".join(f"M{number(x)} {number(y)}h0" for x, y in map(_placed, points))


def _placed(point: tuple[float, float]) -> tuple[float, float]:
    x, y = point
    return EDGE + x * (WIDTH - 2 * EDGE), HEIGHT - EDGE - y * (HEIGHT - 2 * EDGE)


def _pick(pick: Pick) -> Markup:
    x, y = _placed((pick.x, pick.y))
    shape = marker(pick.marker, x, y, 4.5)
    focus = {} if pick.image is None else {"tabindex": 0, "data_image": pick.image, "role": "img"}
    named = {} if pick.image is None else {"aria_label": pick.note}
    return group(_inside(pick, shape), pick.keys, class_=pick.class_, **focus, **named)


def _inside(pick: Pick, shape: Markup) -> Iterator[Markup]:
    yield title(pick.note)
    yield shape
