"""A job that fails for good costs its own cell: the table comes out without it, and is filled in later."""

from pathlib import Path

import pytest
from checkout import WARM_SNAKEMAKE, prepared, runner

OVERLAY = """
run: {seeds: [0], selectors: [random], methods: [LR-frozen, LP-FT, FACT]}
datasets: {digits: {budgets: [20img], recipes: {lp-ft: {epochs: 2}}}}
"""
COMMAND = (*WARM_SNAKEMAKE, "--cores", "2", "--keep-going", "--configfile", "few.yaml", "--", "table1")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return prepared(tmp_path / "site", OVERLAY, "few.yaml")


def test_a_table_comes_out_without_a_cell_and_is_filled_in_later(site: Path) -> None:
    script = site / "workflow/scripts/fit_head.py"
    text = script.read_text("utf-8")
    script.write_text(
        f"from fact.infra.errors import MachineError\n{text}\nraise MachineError('no luck')\n", "utf-8"
    )
    ended = runner(site)(*COMMAND, succeeds=False)
    assert "table1: 1 of 3 scores are missing: results/tables/table1-so-far.md" in ended.stderr
    so_far = (site / "results/tables/table1-so-far.md").read_text("utf-8")
    assert "| random | FACT | – |" in so_far and so_far.count("(1) |") == 2 and "head: no luck" in so_far
    assert not (site / "results/tables/table1.md").exists()
    script.write_text(text, "utf-8")
    runner(site)(*COMMAND)
    whole = (site / "results/tables/table1.md").read_text("utf-8")
    assert "–" not in whole.partition("## Rows compared")[0] and whole.count("| random | FACT |") == 1
    assert not list((site / "results/tables").glob("*so-far*"))
