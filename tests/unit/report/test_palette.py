"""Colours that readers without red or green cones, and readers of a print in grey, can tell apart."""

from itertools import combinations

import numpy as np
import pytest
from fact.report.palette import (
    DARK,
    KNOWN,
    LIGHT,
    MARKERS,
    in_turn,
    method_styles,
    selector_styles,
)

# Machado, Oliveira & Fernandes (2009), severity 1, on linear RGB
SIGHTS = {
    "normal": np.eye(3),
    "protan": [
        [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881],
    ],
}  # fmt: skip
# of OKLab; neighbours on a wheel of twelve hues are some 0.1 apart
APART = 0.08


def linear(colour: str) -> np.ndarray:
    values = np.array([int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)])
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def oklab(rgb: np.ndarray) -> np.ndarray:
    to_cones = [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
    to_lab = [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
    return np.array(to_lab) @ np.cbrt(np.array(to_cones) @ np.clip(rgb, 0, 1))


def contrast(colour: str, ground: str) -> float:
    lights = sorted(float(linear(name) @ [0.2126, 0.7152, 0.0722]) + 0.05 for name in (colour, ground))
    return lights[1] / lights[0]


@pytest.mark.parametrize("sight", SIGHTS)
def test_colours_stay_apart_in_every_sight(sight: str):
    seen = [oklab(np.array(SIGHTS[sight]) @ linear(colour)) for colour in LIGHT]
    assert min(np.linalg.norm(one - other) for one, other in combinations(seen, 2)) > APART


@pytest.mark.parametrize(("colours", "ground"), [(LIGHT, "#ffffff"), (DARK, "#14171a")])
def test_every_colour_stands_out_from_the_page(colours: tuple[str, ...], ground: str):
    assert min(contrast(colour, ground) for colour in colours) >= 3


def test_known_methods_look_alike_in_every_run():
    alone, among = method_styles(["FACT"]), method_styles(["mine", "LP", "FACT", "other"])
    assert alone["FACT"] == among["FACT"] and list(among) == ["mine", "LP", "FACT", "other"]


def test_eleven_methods_share_neither_colour_nor_marker():
    styles = method_styles(["my own", *KNOWN[:9], "another"]).values()
    assert len({style.slot for style in styles}) == len({style.marker for style in styles}) == 11


def test_a_hundred_methods_share_no_pair_of_colour_and_marker():
    styles = method_styles(f"m{number}" for number in range(100)).values()
    assert len({(style.slot, style.marker) for style in styles}) == 100
    assert {style.marker for style in styles} == set(MARKERS)


def test_selectors_and_other_names_have_styles_of_their_own():
    assert len({style.slot for style in selector_styles(["random", "activeft", "mine"]).values()}) == 3
    assert list(in_turn(["b", "a", "b"])) == ["b", "a"]
