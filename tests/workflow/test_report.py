"""Targets `report` and `distortion` on the digits, and the page in a real browser."""

import shutil
import zipfile
from pathlib import Path
from urllib.parse import unquote

import pandas as pd
import pytest
import yaml
from browser import Page, browser
from checkout import TINY, planned, runner
from fact.config.registries import merge

OVERLAY = merge(yaml.safe_load(TINY), {"run": {"report": ["selection", "distortion"]}})
REPORT = ("--configfile", "report.yaml")
PAGE = "results/report/index.html"


@pytest.fixture(scope="module")
def site(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    site = tmp_path_factory.mktemp("report") / "site"
    shutil.copytree(finished, site, symlinks=True, copy_function=shutil.copy2)
    (site / "report.yaml").write_text(yaml.safe_dump(OVERLAY))
    runner(site)("snakemake", "--cores", "2", "report", "distortion", *REPORT)
    return site


def test_the_report_computes_nothing_but_what_it_shows(finished: Path, site: Path):
    (finished / "report.yaml").write_text(yaml.safe_dump(OVERLAY))
    added = planned(runner(finished)("snakemake", "-n", "report", *REPORT).stdout)
    (finished / "report.yaml").unlink()
    assert added == {
        "report", "write_report", "map_pool", "measure_selection", "show_selection", "compare_selectors",
        "picture_images",
        "measure_distortion", "plot_distortion",
    }  # fmt: skip
    assert "Nothing to be done" in runner(site)("snakemake", "-n", "report", "distortion", *REPORT).stdout


def test_the_page_opens_with_every_section_and_its_links_lead_to_files(site: Path):
    with browser() as driver:
        page = Page(driver, site / PAGE).settle()
        found = page.run("return [...document.querySelectorAll('main > section')].map(s => s.id)")
        assert {"tables", "gains", "confusions", "selectors", "curves", "distortion", "costs"} <= set(found)
        assert page.complaints() == []
        assert page.requests() == [(site / PAGE).resolve().as_uri()]
        links = page.run("return [...document.querySelectorAll('main a[href^=\"..\"]')].map(a => a.href)")
        assert len(links) > 8 and all(Path(unquote(link.removeprefix("file://"))).is_file() for link in links)
        behind = "return document.querySelectorAll('[data-images], [data-image]').length"
        assert page.run(behind) > 20, "images of picks and of confusions"


def test_written_again_the_page_has_the_same_bytes(site: Path):
    before = (site / PAGE).read_bytes()
    (site / PAGE).unlink()
    runner(site)("snakemake", "--cores", "1", "report", *REPORT)
    assert (site / PAGE).read_bytes() == before


def test_another_template_rewrites_the_page_alone(site: Path):
    style = site / "workflow/fact/report/page/page.css"
    kept = style.read_text()
    style.write_text(kept + "p { margin: 2rem; }\n")
    try:
        assert planned(runner(site)("snakemake", "-n", "report", *REPORT).stdout) == {
            "write_report",
            "report",
        }
    finally:
        style.write_text(kept)


def test_snakemakes_own_report_holds_the_page(site: Path):
    runner(site)("snakemake", "report", "--report", "own.zip", *REPORT)
    with zipfile.ZipFile(site / "own.zip") as archive:
        content = (site / PAGE).read_bytes()
        assert any(
            archive.read(name) == content for name in archive.namelist() if name.endswith("index.html")
        )


def test_distortion_of_every_recipe(site: Path):
    table = pd.read_csv(site / "results/tables/distortion.csv")
    assert set(table["recipe"]) == {"ff", "lp-ft", "lp-lora"} and len(table) == 2 * 3 * 2
    assert (table["relative"] > 0).all()
    counts = table.groupby("images")["count"].unique()
    assert list(counts["labelled"]) == [20] and list(counts["unlabelled"]) == [1000]
    assert (site / "results/figures/distortion.png").stat().st_size > 1000
