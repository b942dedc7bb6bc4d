import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fact.report.figures.budgets import plot_budgets
from fact.report.palette import method_styles
from PIL import Image
from table_scores import row, spec

PRODUCT = spec(labelled=False)
STYLES = [method_styles(["LP", "FF"])[name] for name in ("LP", "FF")]


def some_scores(
    datasets: tuple[str, ...] = ("digits",),
    budgets: tuple[str, ...] = ("20img", "100img"),
    selectors: tuple[str, ...] = ("activeft", "random"),
    methods: tuple[str, ...] = ("LP", "FACT w/o FroFA"),
    seeds: int = 2,
) -> pd.DataFrame:
    """Scores that differ in every cell."""
    names = [
        (dataset, "vit", budget, selector, method, seed)
        for dataset in datasets
        for budget in budgets
        for selector in selectors
        for method in methods
        for seed in range(seeds)
    ]
    scores = pd.DataFrame(names, columns=["dataset", "backbone", "budget", "selector", "method", "seed"])
    return scores.assign(top1_last=np.linspace(0.3, 0.9, len(scores)))


def plotted(scores: pd.DataFrame, folder: Path) -> tuple[bytes, bytes]:
    """The bytes of the figure as pdf and as png."""
    paths = [folder / "new" / f"figure.{suffix}" for suffix in ("pdf", "png")]
    plot_budgets(scores, PRODUCT, paths)
    assert sorted(path.name for path in paths[0].parent.iterdir()) == ["figure.pdf", "figure.png"]
    return paths[0].read_bytes(), paths[1].read_bytes()


def size_of(scores: pd.DataFrame, path: Path) -> tuple[int, int]:
    plot_budgets(scores, PRODUCT, [path])
    with Image.open(path) as image:
        return image.size


def test_pdf_and_png_are_what_their_names_say(tmp_path):
    pdf, png = plotted(some_scores(), tmp_path)
    assert pdf.startswith(b"%PDF-") and png.startswith(b"\x89PNG\r\n")


def test_same_scores_same_bytes_and_other_scores_other_bytes(tmp_path):
    scores = some_scores()
    first = plotted(scores, tmp_path)
    assert plotted(scores.copy(), tmp_path) == first
    assert b"CreationDate" not in first[0]
    other = plotted(scores.assign(top1_last=scores["top1_last"] / 2), tmp_path)
    assert other[0] != first[0] and other[1] != first[1]


def test_panels_stand_in_the_column_of_a_paper_and_many_over_its_width(tmp_path):
    path, budgets = tmp_path / "figure.png", ("1pct", "2pct", "5pct")
    width, height = size_of(some_scores(selectors=("activeft",), budgets=budgets), path)
    assert width == 3.4 * 300
    same, three = size_of(some_scores(selectors=("activeft", "random", "kmeans"), budgets=budgets), path)
    assert same == width and three == 3 * height
    two = ("digits", "cifar10")
    assert size_of(some_scores(datasets=two, budgets=budgets), path) == (7 * 300, 2 * height)


def test_one_or_two_budgets_are_dots_with_a_panel_for_each(tmp_path):
    path = tmp_path / "figure.svg"
    plot_budgets(some_scores(selectors=("activeft",)), PRODUCT, [path])
    text = path.read_text("utf-8")
    assert "digits · vit · activeft · 20img" in text and "digits · vit · activeft · 100img" in text
    plot_budgets(some_scores(selectors=("activeft",), budgets=("1", "2", "3")), PRODUCT, [path])
    text = path.read_text("utf-8")
    assert ">digits · vit · activeft<" in text and text.count(">FACT w/o FroFA<") == 1, "named at its end"


@pytest.mark.parametrize(
    ("budgets", "seeds"), [(("20img",), 1), (("20img",), 3), (("20img", "1pct", "5pct"), 1)]
)
@pytest.mark.filterwarnings("error")
def test_one_budget_and_one_seed_are_enough(tmp_path, budgets, seeds):
    pdf, _ = plotted(some_scores(budgets=budgets, seeds=seeds), tmp_path)
    assert pdf.startswith(b"%PDF-")


@pytest.mark.filterwarnings("error")
def test_method_keeps_its_colour_where_another_one_is_missing(tmp_path):
    scores = some_scores(selectors=("activeft",), methods=("LP", "FF"), seeds=1)
    alone = scores[(scores["method"] == "FF") | (scores["budget"] == "20img")]
    pixels = []
    for number, part in enumerate((scores, alone)):
        plot_budgets(part, PRODUCT, [tmp_path / f"{number}.png"])
        with Image.open(tmp_path / f"{number}.png") as image:
            colours = image.convert("RGB").getcolors(1 << 24)
        pixels.append({colour: count for count, colour in colours})
    full, less = (tuple(int(style.colour[place : place + 2], 16) for place in (1, 3, 5)) for style in STYLES)
    assert pixels[1][less] > 100
    # LP has lost one of its two panels' markers
    assert pixels[1][full] < 0.8 * pixels[0][full]


@pytest.mark.filterwarnings("error")
def test_names_are_drawn_as_they_are(tmp_path):
    methods = ("a $x", "$b_{$", "50%_^\\")
    pdf, _ = plotted(some_scores(selectors=("$s$",), methods=methods), tmp_path)
    assert len(re.findall(rb"/Type /Page\b", pdf)) == 1


def test_a_table_with_rows_of_its_own_has_one_panel_and_a_line_for_each_row_of_the_paper(tmp_path):
    scores = some_scores()
    rows = [row("LP"), row("LP, random", selector="random", method="LP", beyond=True)]
    plot_budgets(scores, spec(*rows), [tmp_path / "rows.png"])
    alone = scores[(scores["selector"] == "activeft") & (scores["method"] == "LP")].assign(selector="")
    plot_budgets(alone, PRODUCT, [tmp_path / "alone.png"])
    assert (tmp_path / "rows.png").read_bytes() == (tmp_path / "alone.png").read_bytes()
