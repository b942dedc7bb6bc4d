import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fact.report.figures.budgets import plot_budgets
from PIL import Image
from table_scores import row, spec

PRODUCT = spec(labelled=False)


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


def test_there_is_a_panel_a_selector_and_a_row_a_dataset(tmp_path):
    path = tmp_path / "figure.png"
    width, height = size_of(some_scores(selectors=("activeft",)), path)
    three, same = size_of(some_scores(selectors=("activeft", "random", "kmeans")), path)
    assert 2.4 < three / width < 3.1 and abs(same - height) < 0.05 * height
    same, two = size_of(some_scores(datasets=("digits", "cifar10"), selectors=("activeft",)), path)
    assert abs(same - width) < 0.05 * width and 1.8 < two / height < 2.1


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
    second_of_tab20, first_of_tab20 = (174, 199, 232), (31, 119, 180)
    assert pixels[1][second_of_tab20] > 100
    # LP has lost its line and one of its two markers
    assert pixels[1][first_of_tab20] < 0.6 * pixels[0][first_of_tab20]


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
