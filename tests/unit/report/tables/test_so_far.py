"""A table of the scores that there are names those that are missing, with stage and reason."""

from pathlib import Path

import pytest
from fact.config.declared import Config
from fact.config.targets import score_cells
from fact.infra.files.record import publish_record
from fact.infra.process.timing import timing_record
from fact.report.tables import so_far
from fact.report.tables.so_far import write_tables_so_far
from small_config import CONFIG, of

PUBLISHED = Path(__file__).parents[4] / "config/published.csv"


@pytest.fixture
def config() -> Config:
    """One table of FACT in five seeds, and one of the first of them."""
    run = {"datasets": ["digits"], "selectors": ["random"], "methods": ["FACT"], "seeds": [0, 1, 2, 3, 4]}
    table = {
        "title": "All",
        "datasets": ["digits"],
        "selectors": None,
        "methods": None,
        "budgets": {"digits": ["20img"]},
    }
    return of({**CONFIG, "run": {**run, "tables": ["table1"]}, "tables": {"table1": table}})


def finish(cell: dict, *without: str) -> None:
    """Write the files of all stages but some."""
    for stage, path in cell["stages"].items():
        if stage not in without:
            publish_record(path, timing_record({"train": 1.0}))
    score = {"setting": {}, "top1_last": 0.75, "top1_best_test": None, "test_images": 4, "details": {}}
    score["parameters"] = {"trainable": 1, "total": 2}
    for stage, path in {"head": cell["path"], "tune": cell["tuned"]}.items():
        if stage not in without:
            publish_record(path, score)


def write_log(name: str, text: str) -> None:
    path = Path("results/logs") / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: Config) -> list[str]:
    monkeypatch.chdir(tmp_path)
    cells = score_cells(config, "table1")
    finish(cells[0])
    finish(cells[1], "head")
    write_log("fit_head/digits/vit/random/20img/seed1/lp-ft/map.log", "a line\nerror: the disk is full\n")
    finish(cells[2], "refine", "head")
    lost = "Traceback (most recent call last):\n  …\nKeyError: 'x'\nthis is a bug\n"
    write_log("refine_labelled/digits/vit/random/20img/seed2/lp-ft.log", lost)
    finish(cells[3], "tune", "refine", "head")
    write_log("tune_backbone/digits/vit/random/20img/seed3/lp-ft.log", "epoch 3 of 50\n")
    return write_tables_so_far(config, ["table1"], PUBLISHED)


def test_the_table_has_what_is_there_and_says_what_is_not(written: list[str]) -> None:
    assert written == ["table1: 4 of 5 scores are missing: results/tables/table1-so-far.md"]
    text = Path("results/tables/table1-so-far.md").read_text()
    assert "| 75.0 (1) |" in text and "## Missing scores: 4" in text
    place = "- digits vit random 20img FACT, seed"
    logs = "results/logs"
    assert f"{place} 1: head: the disk is full ({logs}/fit_head/" in text
    assert f"{place} 2: refine: KeyError: 'x' ({logs}/refine_labelled/" in text
    assert f"{place} 3: tune: ended without a word of its own: its time, its memory or a signal" in text
    assert f"{place} 4: select: has not begun; what it needs is missing too" in text
    assert (
        Path("results/tables/table1-so-far.csv").is_file()
        and Path("results/tables/table1-so-far.tex").is_file()
    )


def test_a_table_with_all_of_its_scores_or_none_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: Config
) -> None:
    monkeypatch.chdir(tmp_path)
    assert write_tables_so_far(config, ["table1"], PUBLISHED) == ["table1: none of 5 scores is there"]
    for cell in score_cells(config, "table1"):
        finish(cell)
    assert write_tables_so_far(config, ["table1"], PUBLISHED) == []
    assert not Path("results/tables").exists()


def test_many_missing_scores_are_counted(config: Config) -> None:
    cell = score_cells(config, "table1")[0]
    missing = [so_far.MissingScore(cell, "tune", "lost", None)] * 40
    text = so_far.missing_markdown(missing)
    assert text.count("lost") == 30 and "- and 10 more" in text
