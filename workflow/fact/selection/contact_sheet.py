"""A selection to look at: the chosen images and where they lie in the pool, one HTML file without scripts."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from fact.infra.files.data_uri import data_uri

if TYPE_CHECKING:
    import pandas as pd

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
li { width: 104px; font-size: 12px; overflow-wrap: anywhere; }
img { width: 104px; height: 104px; object-fit: contain; background: #eee; image-rendering: pixelated; }
circle { fill: #c8c8c8; } .pick { fill: #d62728; stroke: white; stroke-width: .5; }
"""


def contact_sheet(
    picks: "pd.DataFrame",
    images: Sequence[np.ndarray],
    points: np.ndarray,
    chosen: Sequence[int],
    facts: Mapping[str, object],
    title: str,
) -> str:
    """Return HTML of a selection. Everything that comes from a file name is escaped.

    ``picks``: ``rank, sample_id, score`` in pick order; ``images``: the first of them, uint8 (S, S, 3);
    ``points``: the pool in two dimensions (N, 2); ``chosen``: its picked rows; ``facts``: lines above.
    """
    lines = "".join(f"<dt>{escape(key)}</dt><dd>{escape(str(value))}</dd>" for key, value in facts.items())
    more = f"<p>The first {len(images)} of {len(picks)}.</p>" if len(images) < len(picks) else ""
    tiles = _tiles(list(picks["rank"]), list(picks["sample_id"]), images)
    return _page(title, f"<dl>{lines}</dl>\n{scatter_svg(points, chosen)}\n{more}{tiles}")


def plain_sheet(sample_ids: Sequence[str], images: Sequence[np.ndarray], title: str) -> str:
    """Return HTML of images in their order, uint8 (S, S, 3), without the map of a pool."""
    return _page(title, _tiles(range(1, len(sample_ids) + 1), sample_ids, images))


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


def _tiles(ranks: Sequence[int], sample_ids: Sequence[str], images: Sequence[np.ndarray]) -> str:
    rows = zip(ranks, sample_ids, images, strict=False)
    tiles = "\n".join(_tile(rank, sample_id, image) for rank, sample_id, image in rows)
    return f"<ol>\n{tiles}\n</ol>"


def _tile(rank: int, sample_id: str, image: np.ndarray) -> str:
    from PIL import Image

    name, thumbnail = escape(str(sample_id)), data_uri(Image.fromarray(image))
    return f'<li><img alt="{name}" src="{thumbnail}"><br>{rank} · {name}</li>'
