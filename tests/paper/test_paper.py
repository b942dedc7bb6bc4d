"""The paper in miniature runs through all its tables and leaves no cell empty."""

from pathlib import Path

import pandas as pd
import pytest
import yaml
from browser import Page, browser
from checkout import WARM_SNAKEMAKE, copy_checkout, runner
from miniature import write_datasets, write_overlay

# a few images are no work for two threads
ONE_THREAD = ("--set-threads", "extract_features=1")
PAPER = ("--configfile", "config/paper.yaml", "miniature.yaml", "--")
# cells: rows × columns of each table, one budget a dataset
CELLS = {
    "table1": 11 * 3,
    "table2": 7 * 2,
    "table3": 7 * 2,
    "table4": 2 * 9,
    "table5": 2 * 4,
    "table6": 6 * 2 + 6,
    "table7": 3 * 3,
    "table8": 5 * 3,
    "table8_variants": 18,
    "table9": 11 * 3,
    "figure4": 2 * 9,
}


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout in which the whole paper has been run in miniature."""
    checkout = copy_checkout(tmp_path_factory.mktemp("paper"))
    write_datasets(checkout / "copies")
    write_overlay(checkout / "miniature.yaml", checkout / "config", checkout / "copies")
    targets = ("all_tables", "report")
    runner(checkout, OMP_NUM_THREADS="1")(*WARM_SNAKEMAKE, "--cores", "2", *ONE_THREAD, *PAPER, *targets)
    return checkout


def test_every_cell_of_every_table_is_filled(paper: Path) -> None:
    for table, count in CELLS.items():
        cells = pd.read_csv(paper / f"results/tables/{table}.csv")
        assert len(cells) == count, table
        probes = (cells["metric"] == "trained_percent") & ~cells["method"].str.contains("F")
        assert (cells["state"] == "measured").eq(~probes).all(), table


def test_figures_and_comparisons_are_there(paper: Path) -> None:
    for name in ("table1-over-budget.pdf", "table2-over-budget.png", "table5-bars.pdf", "figure4-bars.pdf"):
        assert (paper / "results/figures" / name).stat().st_size > 1000
    compared = pd.read_csv(paper / "results/tables/table1-comparison.csv")
    assert set(compared["reference"]) == {"FACT"} and (compared["cells"] == 3).all()
    assert compared["mean_rank"].between(1, 11).all()


def test_best_epochs_stand_apart_and_who_used_more_labels_is_marked(paper: Path) -> None:
    text = (paper / "results/tables/table1.md").read_text()
    assert "Best epoch on the test images" in text and "| VeCAF † | vecaf-oracle | FF |" in text
    assert "| LR-frozen ‡ | activeft | LR-frozen |" in text


def test_times_name_their_stages_and_device(paper: Path) -> None:
    text = (paper / "results/tables/table4.md").read_text()
    assert "| dataset | backbone | budget | row | select | probe | tune | refine | head |" in text
    assert "Measured on: " in text and "thread" in text


def test_the_report_opens_with_every_table_and_the_segmentations(paper: Path) -> None:
    with browser() as driver:
        page = Page(driver, paper / "results/report/index.html").settle()
        figures = page.run("return [...document.querySelectorAll('.plot')].map(figure => figure.id)")
        # one budget per dataset is no line
        assert {"backbones-0", "gains-0", "costs-0"} <= set(figures) and "over-budget-0" not in figures
        assert page.complaints() == []
        captions = page.run("return [...document.querySelectorAll('caption')].map(c => c.textContent)")
        declared = yaml.safe_load((paper / "config/tables.yaml").read_text("utf-8"))["tables"]
        assert all(any(declared[table]["title"] in caption for caption in captions) for table in CELLS)
        assert page.run("return document.querySelector('#segmentations img').naturalWidth") > 1000


def test_a_figure_has_the_same_bytes_when_the_real_command_draws_it(paper: Path) -> None:
    """The one stage that no other test runs in a Python of its own."""
    name = "results/figures/table5-bars.pdf"
    before = (paper / name).read_bytes()
    (paper / name).unlink()
    runner(paper)("snakemake", "--cores", "1", *PAPER, name)
    assert (paper / name).read_bytes() == before


def test_nothing_is_left_to_do(paper: Path) -> None:
    assert "Nothing to be done" in runner(paper)("snakemake", "-n", *PAPER, "all_tables", "report").stdout
