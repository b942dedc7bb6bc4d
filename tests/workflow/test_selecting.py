"""Target `select` with selectors of one step and of two, labels from before the run, and pseudo-labels."""

from pathlib import Path

import pandas as pd
import pytest
from checkout import prepared, runner
from clip_folder import write_clip_text
from fact.data.selection_file import read_selection
from fact.infra.files.record import read_record

OVERLAY = """
run: {seeds: [0], selectors: [random, freesel, badge, vecaf-text], methods: [LR-frozen], tables: [table1]}
datasets: {digits: {backbones: [vit_digits], budgets: [20img], already_labelled: before.csv}}
selectors:
  activeft: {params: {iterations: 20}, near_duplicates: 0.999}
  vecaf-text: {text: {model: "local-dir:clip_text"}}
recipes: {lp-ft-dc: {epochs: 2}}
"""
FOLDER = "results/selections/digits/vit_digits"
RUN = "results/runs/digits/vit_digits/random/20img/seed0"
# two targets, and one cell with pseudo-labels
TARGETS = ("select", "table1", f"{RUN}/lp-ft-dc/score.json", "--configfile", "own.yaml")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    site = prepared(tmp_path_factory.mktemp("selecting"), OVERLAY, "own.yaml")
    write_clip_text(site / "clip_text")
    run = runner(site)
    run("snakemake", "--cores", "2", "results/datasets/digits/manifest.parquet")
    ids = pd.read_parquet(site / "results/datasets/digits/manifest.parquet").query("split == 'pool'")
    (site / "before.csv").write_text(
        "sample_id,label\n" + "".join(f"{name},?\n" for name in ids["sample_id"][:2])
    )
    run("snakemake", "--cores", "2", *TARGETS)
    return site


def before(site: Path) -> list[str]:
    return pd.read_csv(site / "before.csv")["sample_id"].tolist()


@pytest.mark.parametrize("selector", ["random", "freesel", "badge", "vecaf-text"])
def test_selections_go_on_from_what_is_labelled(site: Path, selector: str) -> None:
    chosen = read_selection(site / FOLDER / selector / "20img/seed0.csv")
    assert chosen[:2] == before(site) and len(chosen) == 22
    assert read_record(site / FOLDER / selector / "20img/seed0.json")["already_labelled"] == 2


def test_a_second_step_begins_with_its_first(site: Path) -> None:
    first = read_selection(site / FOLDER / "activeft/10img/seed0.csv")
    assert len(first) == 12
    for selector in ("badge", "vecaf-text"):
        assert read_selection(site / FOLDER / selector / "20img/seed0.csv")[:12] == first


def test_selectors_are_compared_and_shown(site: Path) -> None:
    table = pd.read_csv(site / "results/tables/selectors.csv")
    assert table["selector"].tolist() == ["random", "freesel", "badge", "vecaf-text"]
    assert (table["mean_distance"] > 0).all()
    sheet = (site / FOLDER / "badge/20img/seed0.html").read_text("utf-8")
    # two of the 22 were labelled before
    assert sheet.count("<img ") == 20 and sheet.count('class="pick"') == 20


def test_pseudo_labels_join_the_labelled_ones_in_phase_2_alone(site: Path) -> None:
    pseudo = read_record(site / RUN / "pseudo/activedc.json")
    labelled = set(read_selection(site / FOLDER / "random/20img/seed0.csv"))
    assert pseudo["sample_ids"] and not set(pseudo["sample_ids"]) & labelled
    assert set(pseudo["sources"]) <= labelled
    assert read_record(site / RUN / "lp-ft-dc/score.json")["setting"]["pseudo"] == "activedc"


def test_nothing_is_left_to_do(site: Path) -> None:
    done = runner(site)("snakemake", "-n", *TARGETS)
    assert "Nothing to be done" in done.stdout + done.stderr
