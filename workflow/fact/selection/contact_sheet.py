"""A selection to look at: the chosen images and where they lie in the pool, one HTML file without scripts."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from fact.data.images import Picture
from fact.infra.files.data_uri import data_uri

if TYPE_CHECKING:
    import pandas as pd

THUMBNAIL = 240
"""The longer side of an image on the sheet, in pixels."""
SMALL, ALL = 64, 0.98
SHOWN = 1_000
"""Picks with a thumbnail; a sheet of more would be too heavy to open."""
BACKGROUND = 5_000
"""Points of the pool behind the picks."""
SIDE = 480
STYLE = """
body { font: 15px/1.4 system-ui, sans-serif; margin: 2rem; color: #222; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem; }
dt { color: #666; } dd { margin: 0; }
ol { display: flex; flex-wrap: wrap; gap: .6rem; padding: 0; list-style: none; }
li { width: 240px; font-size: 12px; overflow-wrap: anywhere; }
.image { position: relative; display: inline-block; line-height: 0; }
img { max-width: 240px; max-height: 240px; background: #eee; }
img.small { width: 120px; image-rendering: pixelated; }
.seen { position: absolute; outline: 1px dashed #fff; box-shadow: 0 0 0 1px #0008; pointer-events: none; }
circle { fill: #c8c8c8; } .pick { fill: #d62728; stroke: white; stroke-width: .5; }
"""


def contact_sheet(
    picks: "pd.DataFrame",
    images: Sequence[Picture],
    points: np.ndarray,
    chosen: Sequence[int],
    facts: Mapping[str, object],
    title: str,
) -> str:
    """Return HTML of a selection. Everything that comes from a file name is escaped.

    ``picks``: ``rank, sample_id, score`` in pick order; ``images``: the first of them, whole; ``points``: the
    pool in two dimensions (N, 2); ``chosen``: its picked rows; ``facts``: lines above.
    """
    lines = "".join(f"<dt>{escape(key)}</dt><dd>{escape(str(value))}</dd>" for key, value in facts.items())
    more = f"<p>The first {len(images)} of {len(picks)}.</p>" if len(images) < len(picks) else ""
    tiles = _tiles(list(picks["rank"]), list(picks["sample_id"]), images)
    return _page(title, f"<dl>{lines}</dl>\n{scatter_svg(points, chosen)}\n{more}{tiles}")


def plain_sheet(sample_ids: Sequence[str], images: Sequence[Picture], title: str) -> str:
    """Return HTML of whole images in their order, without the map of a pool."""
    return _page(title, _tiles(range(1, len(sample_ids) + 1), sample_ids, images))


def titled_sheet(sections: Mapping[str, Mapping[str, Picture]], title: str) -> str:
    """Return HTML of whole images below headings: pictures by what stands below each."""
    parts = [
        f"<h2>{escape(heading)}</h2>\n{_tiles(range(1, len(shown) + 1), list(shown), list(shown.values()))}"
        for heading, shown in sections.items()
    ]
    return _page(title, "\n".join(parts))


def scatter_svg(points: np.ndarray, chosen: Sequence[int]) -> str:
    """Return the pool as grey points, at most 5,000 of them, and the picks in red on top."""
    low, span = points.min(axis=0), np.maximum(np.ptp(points, axis=0), 1e-12)
    placed = 5 + (points - low) / span * (SIDE - 10)
    step = -(-len(points) // BACKGROUND)
    grey = "".join(_circle(point, 2, "") for point in placed[::step])
    red = "".join(_circle(point, 4, ' class="pick"') for point in placed[list(chosen)])
    label = f"{len(chosen)} of {len(points)} images in two dimensions"
    return f'<svg width="{SIDE}" height="{SIDE}" role="img" aria-label="{label}">{grey}{red}</svg>'


def _circle(point: np.ndarray, radius: int, attributes: str) -> str:
    return f'<circle cx="{point[0]:.1f}" cy="{SIDE - point[1]:.1f}" r="{radius}"{attributes}/>'


def _page(title: str, body: str) -> str:
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head>\n<body><h1>{escape(title)}</h1>\n{body}</body></html>\n"
    )


def _tiles(ranks: Sequence[int], sample_ids: Sequence[str], images: Sequence[Picture]) -> str:
    rows = zip(ranks, sample_ids, images, strict=False)
    tiles = "\n".join(_tile(rank, sample_id, image) for rank, sample_id, image in rows)
    note = "<p>Dashed: the part that the model sees.</p>\n" if 'class="seen"' in tiles else ""
    return f"{note}<ol>\n{tiles}\n</ol>"


def _tile(rank: int, sample_id: str, image: Picture) -> str:
    from PIL import Image

    name, small = escape(str(sample_id)), max(image.pixels.shape) <= SMALL
    # of small images every pixel counts; of photographs a page of PNG would be heavy
    kind = ("PNG", {}) if small else ("JPEG", {"quality": 85})
    source, place = data_uri(Image.fromarray(image.pixels), kind[0], **kind[1]), _seen(image)
    shown = f'<img{" class=small" if small else ""} alt="{name}" src="{source}">'
    return f'<li><span class="image">{shown}{place}</span><br>{rank} · {name}</li>'


def _seen(image: Picture) -> str:
    """Return the outline of what the model sees, where that is not the whole image."""
    left, top, width, height = (f"{100 * share:.1f}%" for share in image.part)
    if min(image.part[2:]) > ALL:
        return ""
    title = "what the model sees"
    style = f"left:{left};top:{top};width:{width};height:{height}"
    return f'<i class="seen" title="{title}" style="{style}"></i>'
