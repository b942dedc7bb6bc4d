"""Show segmentations: image, truth and each method's prediction, as one page and one picture."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo

from fact.data.masks import IGNORE
from fact.infra.files.data_uri import data_uri

WIDTH = 240
GAP = 4
HEADING = 22
"""Pixels for the names of the columns."""
STYLE = """
body { font: 15px/1.4 system-ui, sans-serif; margin: 2rem; color: #222; }
table { border-collapse: collapse; } th { font-weight: 600; text-align: left; padding: 0 4px; }
td { padding: 2px; vertical-align: top; font-size: 12px; } img { width: 240px; height: auto; display: block; }
ul { display: flex; flex-wrap: wrap; gap: .2rem 1rem; padding: 0; list-style: none; }
.key { display: inline-block; width: 1em; height: 1em; margin-right: .3em; vertical-align: -2px; }
"""


class Panel(NamedTuple):
    """One test image: uint8 (H, W, 3), its true mask uint8 (H, W), and predicted ones by method."""

    sample_id: str
    image: np.ndarray
    truth: np.ndarray
    predicted: Mapping[str, np.ndarray]


def palette(classes: int) -> np.ndarray:
    """Return one colour per class, uint8 (256, 3): hues a golden angle apart; ignored pixels are black."""
    hues = (np.arange(classes) * 0.61803) % 1.0
    bright = np.where(np.arange(classes) % 3 == 1, 150, 230)
    values = np.stack([hues * 255, np.where(np.arange(classes) % 2, 140, 220), bright], 1)
    colours = np.zeros((256, 3), np.uint8)
    hsv = Image.fromarray(values.astype(np.uint8)[None], "HSV")
    colours[:classes] = np.asarray(hsv.convert("RGB"))[0]
    return colours


def coloured(mask: np.ndarray, classes: int) -> np.ndarray:
    """Return a mask as a picture, uint8 (H, W, 3)."""
    return palette(classes)[mask]


def panel_picture(panels: Sequence[Panel], methods: Sequence[str], classes: int) -> Image.Image:
    """Return a picture with one row per image: the image, the truth, each method, under their names."""
    rows = [_tiles(panel, methods, classes) for panel in panels]
    heights = [max(tile.height for tile in row) for row in rows]
    names = _columns(methods)
    size = (len(names) * (WIDTH + GAP) - GAP, HEADING + sum(heights) + GAP * (len(rows) - 1))
    picture = Image.new("RGB", size, "white")
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(14)
    for column, name in enumerate(names):
        pen.text((column * (WIDTH + GAP) + GAP, 2), name, "black", font)
    top = HEADING
    for row, height in zip(rows, heights, strict=True):
        for column, tile in enumerate(row):
            picture.paste(tile, (column * (WIDTH + GAP), top))
        top += height + GAP
    return picture


def save_picture(path: Path, picture: Image.Image, section: str, methods: Sequence[str]) -> None:
    """Save a PNG that says in ``Description`` what it shows: a section, and its columns."""
    metadata = PngInfo()
    metadata.add_itxt("Description", f"{section}: {', '.join(_columns(methods))}")
    picture.save(path, "PNG", pnginfo=metadata)


def panel_page(
    sections: Mapping[str, Sequence[Panel]], methods: Sequence[str], classes: Sequence[str], title: str
) -> str:
    """Return HTML with one table per section, and a key of colours.

    Names of files and classes are escaped.
    """
    head = "".join(f"<th>{escape(name)}</th>" for name in _columns(methods))
    tables = "\n".join(
        f"<h2>{escape(name)}</h2>\n<table><tr>{head}</tr>\n"
        + "\n".join(_row(panel, methods, len(classes)) for panel in panels)
        + "</table>"
        for name, panels in sections.items()
    )
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head>\n<body><h1>{escape(title)}</h1>\n{_key(classes)}\n{tables}</body></html>\n"
    )


def _columns(methods: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the tiles of a row, in the order of :func:`_tiles`."""
    return "image", "truth", *methods


def _key(classes: Sequence[str]) -> str:
    colours = palette(len(classes))
    items = [
        f'<li><span class="key" style="background: rgb({r},{g},{b})"></span>{escape(name)}</li>'
        for name, (r, g, b) in zip(
            (*classes, "ignored"), (*colours[: len(classes)], colours[IGNORE]), strict=True
        )
    ]
    return f"<ul>{''.join(items)}</ul>"


def _row(panel: Panel, methods: Sequence[str], classes: int) -> str:
    names = _columns(methods)
    cells = "".join(
        f'<td><img alt="{escape(name)} of {escape(panel.sample_id)}" src="{data_uri(tile)}"></td>'
        for name, tile in zip(names, _tiles(panel, methods, classes), strict=True)
    )
    return f"<tr>{cells}</tr><tr><td colspan='{len(names)}'>{escape(panel.sample_id)}</td></tr>"


def _tiles(panel: Panel, methods: Sequence[str], classes: int) -> list[Image.Image]:
    """Return image and masks at one width; a method without this image is grey."""
    height, width = panel.truth.shape
    size = (WIDTH, max(1, round(height * WIDTH / width)))
    tiles = [Image.fromarray(panel.image).resize(size, Image.Resampling.BILINEAR)]
    for mask in (panel.truth, *(panel.predicted.get(method) for method in methods)):
        picture = np.full((1, 1, 3), 200, np.uint8) if mask is None else coloured(mask, classes)
        tiles.append(Image.fromarray(picture).resize(size, Image.Resampling.NEAREST))
    return tiles
