"""The page names the software of the jobs, whatever wrote the page."""

from pathlib import Path

import pandas as pd
import pytest
from fact.config.targets import report_files
from fact.infra.files.record import publish_record, read_record
from fact.report.page.contents import report_page
from fact.report.page.provenance import DIRTY, MIXED, provenance_section
from report_run import run_config, write_run

PATH = "results/runs/digits/vit/activeft/20img/seed0/lp-ft/score.json"
SCORES = pd.DataFrame([("digits", 0, PATH, "ab12")], columns=["dataset", "seed", "path", "code_version"])
OVERLAY = {
    "run": {"tables": ["table1"], "datasets": ["digits"], "rows": ["LP", "LP-FT"], "seeds": [0], "report": []}
}


def jobs(*software: str) -> pd.DataFrame:
    rows = [
        (
            "tune",
            text,
            "an abacus",
            "snakemake table1",
            text.partition("commit ")[2] or "ab12",
            f"2026-01-0{day}",
        )
        for day, text in enumerate(software, start=1)
    ]
    return pd.DataFrame(rows, columns=["stage", "software", "device", "command", "commit", "written"])


def test_jobs_are_counted_and_differences_of_software_named() -> None:
    section = provenance_section(SCORES, jobs("torch 2.13", "torch 2.12", "torch 2.13"), {}, config={})
    software, dated, commands, *_ = section.parts
    assert software.rows == [
        ["tune", "torch 2.12", "an abacus", "1"],
        ["tune", "torch 2.13", "an abacus", "2"],
    ]
    assert commands.rows == [["snakemake table1", "3"]] and section.note == MIXED
    assert dated.rows == [["tune", "ab12", "2026-01-01 to 2026-01-03", "3"]]


def test_commits_alone_are_no_difference_of_software() -> None:
    mended = jobs("torch 2.13, commit ab12", "torch 2.13, commit cd34-dirty")
    section = provenance_section(SCORES, mended, {}, config={})
    assert section.note == DIRTY
    assert section.parts[1].rows[1] == ["tune", "cd34, edited", "2026-01-02", "1"]


def test_a_page_shows_versions_of_its_jobs_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    config = run_config(OVERLAY)
    write_run(config, ["one", "two"])
    text = report_page(config)
    assert "not recorded" in text and "torch 9.8.7" not in text and "Mixed" not in text
    for number, path in enumerate(report_files(config)["timings"]):
        packages = {"python": "3.99.0", "torch": f"9.8.{7 + number % 2}"}
        made = {"packages": packages, "cuda": None, "driver": None, "commit": None, "command": "snakemake it"}
        publish_record(path, {**read_record(path), "made_by": made})
    text = report_page(config)
    assert "python 3.99.0, torch 9.8.7" in text and "snakemake it" in text and MIXED in text
    assert "Mixed: jobs of this table ran with torch 9.8.7 and 9.8.8." in text
    assert "snakemake-executor" not in text and "pillow" not in text, "nothing of this machine"
