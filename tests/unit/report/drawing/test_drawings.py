"""Drawings are well-formed SVG without a style of their own, whatever their names hold."""

import math
import re
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest
from fact.report.drawing.dot_plot import Dot, dot_plot
from fact.report.drawing.frame import kept_apart
from fact.report.drawing.line_plot import Axes, Line, Point, line_plot
from fact.report.drawing.markers import marker
from fact.report.drawing.matrix import matrix
from fact.report.drawing.scatter import Cloud, Pick, scatter
from fact.report.drawing.stacks import Stack, stack_plot
from fact.report.drawing.step_plot import Step, step_plot
from fact.report.drawing.svg import shortened
from fact.report.palette import MARKERS, method_styles

HOSTILE = "</script><img src=x onerror=\"document.title='hit'\"> 日本語 & $x$"
STYLE = method_styles(["FACT"])["FACT"]
NAN = math.nan
TWO, FF = Axes("x", "y", ["a", HOSTILE]), ("FF", 55.0)
DRAWINGS = {
    "dots": dot_plot([Dot(HOSTILE, 60.0, 58.0, 62.0, 61.0, keys={"method": HOSTILE})], "%", HOSTILE),
    "a dot alone": dot_plot([Dot("a", 60.0)], "%", "one", zero=True),
    "lines": line_plot([Line(HOSTILE, [Point(0, 1.0, 0.5, 1.5), Point(1, 2.0)], STYLE)], TWO, "l"),
    "a point alone": line_plot([Line("a", [Point(3, 1.0)], STYLE)], Axes("epoch", "y"), "l"),
    "steps": step_plot([Step(HOSTILE, 50.0, STYLE), Step("b", 60.0, STYLE, 10.0, -99.0, 99.0)], "%", "", FF),
    "matrix": matrix(np.array([[3, 1], [0, 0]]), [HOSTILE, "b"], HOSTILE, {(0, 1): [4]}),
    "stacks": stack_plot([Stack(HOSTILE, {"tune": 3.0}, "3 s")], {"tune": 1}, "seconds", "t"),
    "points": scatter([Cloud([(0, 0), (1, 1)], 3), Cloud([(0.5, 0.5)])], [Pick(0.5, 0.5, HOSTILE, 2)], "p"),
}  # fmt: skip


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_is_well_formed_inside_its_frame_and_harmless(name: str):
    drawn = str(DRAWINGS[name])
    tree = ElementTree.fromstring(drawn)
    role = "group" if name in ("matrix", "points") else "img"
    assert tree.get("role") == role and "aria-label" in tree.attrib
    assert "<img" not in drawn and "style=" not in drawn and "nan" not in drawn.lower().replace("name", "")
    width, height = float(tree.get("width")), float(tree.get("height"))
    for element in tree.iter():
        for key, limit in (
            ("x", width),
            ("x1", width),
            ("x2", width),
            ("y", height),
            ("y1", height),
            ("y2", height),
        ):
            assert 0 <= float(element.get(key, 0)) <= limit + 1, (element.tag, element.attrib)


def test_missing_parts_of_a_dot_are_not_drawn():
    drawn = dot_plot([Dot("a", 60.0, NAN, NAN, NAN)], "%", "one")
    assert 'class="interval"' not in drawn and 'class="known"' not in drawn
    drawn = dot_plot([Dot("a", 60.0, 59, 61, 60.5)], "%", "one")
    assert drawn.count('class="interval"') == drawn.count('class="known"') == 1


def test_a_long_interval_is_cut_and_does_not_flatten_the_steps():
    drawn = str(DRAWINGS["steps"])
    bars = [float(height) for height in re.findall(r'height="([\d.]+)" class="bar"', drawn)]
    assert bars and min(bars) > 40


def test_the_scale_of_a_matrix_is_a_class_and_its_numbers_are_percent():
    drawn = str(DRAWINGS["matrix"])
    assert 'class="s6"' in drawn and ">75<" in drawn and 'data-images="4"' in drawn
    assert drawn.count("<rect") == 3, "an empty class has no cells of its own"


def test_labels_at_the_ends_of_lines_do_not_overlap():
    places = kept_apart([50, 51, 52, 10], 12, 0, 100)
    assert sorted(places) == sorted(places, key=float) and places[3] == 10
    ordered = sorted(places)
    assert min(b - a for a, b in pairwise(ordered)) >= 12
    crowded = kept_apart([99] * 30, 12, 0, 100)
    assert min(crowded) >= -1e-9 and max(crowded) <= 100 + 1e-9


def test_every_marker_can_be_drawn():
    assert len({str(marker(name, 0, 0)) for name in MARKERS}) == len(MARKERS)
    with pytest.raises(KeyError):
        marker("heart", 0, 0)


def test_names_are_shortened_where_they_do_not_fit():
    assert shortened("FACT", 100) == "FACT"
    assert shortened("a" * 100, 65).endswith("…") and len(shortened("a" * 100, 65)) == 10


def test_short_names_of_a_matrix_stand_upright():
    counts = np.eye(2, dtype=int)
    assert "rotate" not in matrix(counts, ["0", "1"], "digits")
    assert matrix(counts, ["cat", "owl"], "birds").count("rotate(-90)") == 2
