"""The digits through all three phases in a few epochs, as .test/ has them."""

from pathlib import Path

import pandas as pd
import pytest
from checkout import copy_checkout, runner
from fact.data.selection_file import read_selection
from fact.infra.files.record import read_record

pytestmark = pytest.mark.smoke
SMALL = ("--directory", ".test", "--configfile", ".test/config.yaml")
CELL = "runs/digits/vit_letters/activeft/50img/seed0"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    site = copy_checkout(tmp_path_factory.mktemp("smoke"))
    runner(site)("snakemake", "--cores", "2", *SMALL)
    return site


def test_selection_and_three_phases_lead_to_a_table(site: Path) -> None:
    results = site / ".test/results"
    assert len(read_selection(results / "selections/digits/vit_letters/activeft/50img/seed0.csv")) == 50
    scores = pd.read_parquet(results / "scores/table1.parquet").set_index("method")["top1_last"]
    assert set(scores.index) == {"LR-frozen", "LP-FT", "FACT"}
    # ten classes: chance is 0.1
    assert scores.between(0.6, 1.0).all()
    phases = ("probe/soft/score.json", "lp-ft/score.json", "lp-ft/map/score.json")
    assert [read_record(results / CELL / name)["test_images"] for name in phases] == [360] * 3
    assert read_record(results / CELL / phases[2])["top1_last"] == scores["FACT"]
    text = (results / "tables/table1.md").read_text("utf-8")
    assert f"{100 * scores['FACT']:.1f}" in text


def test_the_same_again_runs_nothing(site: Path) -> None:
    told = runner(site)("snakemake", "-n", *SMALL).stdout
    assert "Nothing to be done" in told
