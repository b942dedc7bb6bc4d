"""A miniature ADE20k, in its real layout, through `table7` of the paper's configuration."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from checkout import copy_checkout, planned, runner, told_jobs
from fact.infra.files.record import read_record
from miniature import SEGMENTATION, VIT
from PIL import Image
from segmentation_data import write_ade20k

PAPER = ("--configfile", "config/paper.yaml", "roads.yaml", "--", "table7")
CELL = "results/runs/ade20k/vit_small_dino/activeft/3img/seed0"


def overlay(checkout: Path, **segmentation: object) -> None:
    """Write what makes config/paper.yaml small."""
    backbone = {"model": "vit_small_patch16_224", "weights": "random", "model_args": VIT, "image_size": 32}
    small = {
        "run": {"seeds": [0], "tables": ["table7"]},
        "datasets": {"ade20k": {"root": "ade20k", "budgets": ["3img"]}},
        "backbones": {"vit_small_dino": backbone},
        "selectors": {"activeft": {"params": {"iterations": 3}}},
        "segmentation": {**SEGMENTATION, **segmentation},
        "tables": {"table7": {"rows": ["FF", "LP", "FACT", "FF, random"]}},
    }
    (checkout / "roads.yaml").write_text(yaml.safe_dump(small))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout in which table7 has been made of eight images, one of them with an RGB mask."""
    checkout = copy_checkout(tmp_path_factory.mktemp("segmentation"))
    write_ade20k(checkout / "ade20k")
    colours = Image.fromarray(np.zeros((40, 48, 3), np.uint8))
    colours.save(checkout / "ade20k/annotations/training/ADE_train_00000006.png")
    overlay(checkout)
    runner(checkout, OMP_NUM_THREADS="1")(
        "snakemake", "--cores", "2", "--set-threads", "extract_features=1", *PAPER
    )
    return checkout


def test_every_cell_stands_beside_its_published_value(site: Path) -> None:
    cells = pd.read_csv(site / "results/tables/table7.csv")
    assert (cells["state"] == "measured").all() and len(cells) == 4 * 3
    assert set(cells["metric"]) == {"mIoU", "mAcc", "aAcc"}
    assert cells["mean"].between(0, 100).all()
    text = (site / "results/tables/table7.md").read_text()
    assert "ade20k vit_small_dino 3img mIoU" in text and "last iteration" in text


def test_scores_comparison_and_figure_take_the_form_of_other_tables(site: Path) -> None:
    scores = pd.read_parquet(site / "results/scores/table7.parquet")
    assert len(scores) == 4 and {"miou_last", "macc_last", "aacc_last"} <= set(scores)
    comparison = pd.read_csv(site / "results/tables/table7-comparison.csv")
    assert set(comparison["row"]) == {"FF", "LP", "FACT", "FF, random"}
    assert (site / "results/figures/table7-over-budget.pdf").read_bytes().startswith(b"%PDF")
    with Image.open(site / "results/figures/table7-over-budget.png") as picture:
        assert picture.width > 500


def test_a_bad_mask_is_named_and_its_image_is_no_part_of_the_pool(site: Path) -> None:
    problems = pd.read_csv(site / "results/datasets/ade20k/problems.csv")
    images = problems[problems["path"].str.startswith("images/")]
    assert images["path"].tolist() == ["images/training/ADE_train_00000006.jpg"]
    assert "RGB, of several channels" in images["reason"].iloc[0]
    assert len(pd.read_parquet(site / "results/datasets/ade20k/manifest.parquet")) == 7


def test_scores_say_what_was_not_labelled_and_how_phase_3_was_chosen(site: Path) -> None:
    score = read_record(site / CELL / "lp-ft/frofa/score.json")
    assert len(score["classes_not_labelled"]) == 147 and score["iou"]["thing 150"] is None
    tried = [entry["strength"] for entry in score["details"]["tried"]]
    assert tried == [0.0, 0.1, 0.3] and score["details"]["strength"] in tried
    assert not list(site.glob("results/runs/**/resume*.safetensors"))


def test_panels_show_images_truths_and_methods(site: Path) -> None:
    page = (site / "results/figures/table7-ade20k-panels.html").read_text("utf-8")
    # two test images; image, truth, FF, LP, FACT; of activeft and of random
    assert page.count("<img ") == 2 * 5 * 2
    with Image.open(site / "results/figures/table7-ade20k-panels.png") as picture:
        assert picture.width > 1000


def test_another_seed_is_planned_with_the_rates_of_this_one(site: Path) -> None:
    (site / "seeds.yaml").write_text("run: {seeds: [0, 1]}")
    overlays = [word for name in PAPER[1:3] for word in ("--configfile", name)]
    told = runner(site)("fact", "plan", *overlays, "--configfile", "seeds.yaml", "table7").stdout
    # FF, LP, FACT of activeft and FF of random
    jobs = {
        "tune_segmenter": "3",
        "train_segmentation_probe": "1",
        "refine_passing_maps": "2",
        "fit_segmentation_head": "1",
    }
    assert told_jobs(told).items() >= jobs.items() and "not measured" not in told
    assert "jobs that want a GPU: 0.0" in told and "maps " in told and "shown segmentations" in told


def test_maps_do_not_outlive_the_heads_on_them(site: Path) -> None:
    assert read_record(site / CELL / "lp-ft/maps.timing.json")["seconds"]["maps"] > 0
    assert not list(site.glob("results/runs/**/maps_labelled.h5"))


def test_nothing_is_left_to_do_and_a_change_reruns_what_follows_it(site: Path) -> None:
    run = runner(site)
    assert "Nothing to be done" in run("snakemake", "-n", *PAPER).stdout
    head = {**SEGMENTATION["heads"]["frofa"], "frofa": {"strength": 0.2}}
    overlay(site, heads={"frofa": head})
    after = {"collect_scores", "make_table", "plot_budgets", "show_segmentations", "table7"}
    maps = {"refine_passing_maps", "fit_segmentation_head"}
    assert planned(run("snakemake", "-n", *PAPER).stdout) == maps | after
    overlay(site, maps={"views": 2})
    learnt = {"refine_passing_maps", "train_segmentation_probe", "tune_segmenter", "fit_segmentation_head"}
    assert planned(run("snakemake", "-n", *PAPER).stdout) == learnt | after
    overlay(site)
    masks = site / "results/datasets/ade20k/masks.parquet"
    content = masks.read_bytes()
    masks.unlink()
    assert planned(run("snakemake", "-n", *PAPER).stdout) == {"index_masks", *learnt, *after}
    masks.write_bytes(content)
