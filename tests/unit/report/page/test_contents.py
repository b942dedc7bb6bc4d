"""Whole pages of odd runs: one score, no images, hostile names, many classes."""

import re
from pathlib import Path

import pytest
from fact.config.targets import report_files, run_budgets
from fact.report.page.contents import report_page
from fact.report.pictures import write_pictures
from report_run import run_config, write_run

ONE = {"tables": ["table1"], "datasets": ["digits"], "rows": ["FACT"], "seeds": [0], "report": []}


def overlay(budgets: list[str], **run: object) -> dict:
    return {"run": {**ONE, **run}, "datasets": {"digits": {"budgets": budgets}}}


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def sections(text: str) -> list[str]:
    return re.findall(r'<section id="([^"]*)"', text)


def test_a_run_of_one_score_says_so_and_has_no_empty_section():
    config = run_config(overlay(["20img"]))
    write_run(config, ["one", "two"])
    text = report_page(config)
    assert "there is no other row to compare it with" in text and "1 run: 1 row, 1 setting, 1 seed." in text
    assert sections(text) == ["tables", "confusions", "costs", "scores", "provenance", "absent"]
    assert "No setting has scores of two methods of a chain" in text and "<form" in text
    assert 'id="filter"' not in text, "of one value there is no choice"


def test_without_images_the_page_has_all_but_pictures():
    config = run_config(
        overlay(["20img", "50img", "100img"], rows=["FACT", "LR-frozen"], report=["selection"])
    )
    write_run(config, ["one", "two"])
    with_pictures = report_page(config)
    assert "data-images" in with_pictures and 'data-image="' in with_pictures
    for path in report_files(config)["pictures"]:
        write_pictures(path, {})
    without = report_page(config)
    assert 'data-images="' not in without and 'data-image="' not in without
    assert sections(without) == sections(with_pictures) and "over-budget" in sections(without)


def test_a_thousand_classes_have_their_most_frequent_confusions():
    config = run_config(overlay(["20img"], report=["selection"]))
    write_run(config, [f"class {number}" for number in range(1000)], test=1500)
    text = report_page(config)
    assert text.count(" → class ") == 20 and len(text) < 500_000
    assert "Colours are classes" not in text, "a thousand colours cannot be told apart"


def test_budgets_are_in_the_order_of_their_dataset():
    config = run_config(overlay(["50img", "20img"]))
    assert run_budgets(config) == {"digits": ["50img", "20img"]}
