"""Target `model` on a folder without test images: a model comes out, and only what changed runs again."""

import csv
import json
from pathlib import Path

import fact
import pytest
import yaml
from checkout import planned, prepared, runner
from fact.data.sources import digits
from fact.infra.files.record import read_record
from fact.model.candidate_name import with_pool, without_pool
from PIL import Image
from reordered import backwards

OVERLAY = """
run: {datasets: [mine], selectors: [random], methods: [LP-FT], seeds: [0]}
datasets:
  mine:
    source: image_folder
    root: images
    options: {exif: true, max_pixels: 1000000, verify: full}
    backbones: [vit_digits]
    budgets: [40img]
    transform: squash
    labels: labels.csv
    training: {augmentation: {crop_scale: [0.6, 1.0], flip: 0.0}}
    recipes: {}
training: {epochs: 2}
heads: {auto: {frofa: {strength: 0.0}, C_grid: [10.0, 1000.0], rho_grid: [.inf]}}
model: {recipes: [lp-lora, lp-ft], folds: 2, next: 7}
"""
MODEL = "results/models/mine/vit_digits"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout whose model has been made: 90 digits, 40 of them labelled."""
    site = prepared(tmp_path_factory.mktemp("model"), OVERLAY, "own.yaml")
    rows = digits.index().rows.iloc[:90]
    (site / "images").mkdir()
    lines = ["sample_id,label"]
    for number, (locator, label) in enumerate(zip(rows["locator"], rows["label"], strict=True)):
        name = f"{number:03d}.png"
        Image.fromarray(digits.read_image(None, locator)).save(site / "images" / name)
        if number < 40:
            lines.append(f"{name},{label}")
    (site / "labels.csv").write_text("\n".join(lines) + "\n")
    runner(site)("snakemake", "--cores", "1", "model", "--configfile", "own.yaml")
    return site


def test_a_model_comes_out_without_test_images(site: Path) -> None:
    found = read_record(site / MODEL / "estimate.json")
    assert 0 <= found["low"] < found["accuracy"] < found["high"] <= 1 and found["unlabelled"] == 50
    test = read_record(site / MODEL / "test.json")
    assert test == {"images": 0, "accuracy": None, "of_learnt_groups": 0}
    card = (site / MODEL / "README.md").read_text("utf-8")
    assert "test images" not in card and "apache-2.0" in card
    for name in ("model.onnx", "model.pt2", "timm/config.json", "label_errors.csv"):
        assert (site / MODEL / name).is_file()
    assert list((site / MODEL / "adapter").iterdir())
    made = read_record(site / MODEL / "made_by.json")
    assert made["device"] and made["made_by"]["packages"]["torch"] != "absent"
    assert made["made_by"]["command"] == "snakemake --cores 1 model --configfile own.yaml"


def test_it_predicts_from_python_and_from_a_shell(site: Path) -> None:
    model = fact.load_model(site / MODEL, "cpu")
    (found,) = model.predict([site / "images/050.png"])
    runner(site)("fact", "predict", MODEL, "images", "--out", "predicted.csv")
    with (site / "predicted.csv").open(newline="") as file:
        rows = {row["path"]: row for row in csv.DictReader(file)}
    assert len(rows) == 90 and rows["050.png"]["label"] == found.label
    assert float(rows["050.png"]["probability"]) == pytest.approx(found.probability, abs=1e-3)


def test_what_to_label_next_is_a_selection_of_unlabelled_images(site: Path) -> None:
    runner(site)("fact", "labels", "export", f"{MODEL}/next_to_label.csv", "next.csv")
    with (site / "next.csv").open(newline="", encoding="utf-8-sig") as file:
        ids = [row["sample_id"] for row in csv.DictReader(file)]
    assert len(ids) == 7 and all(name >= "040.png" for name in ids)


def test_every_recipe_was_tried_and_the_best_taken(site: Path) -> None:
    record = read_record(site / MODEL / "assessment.json")
    tried = {with_pool(name, pool) for name in ("frozen", "lp-lora", "lp-ft") for pool in (False, True)}
    assert set(record["recipes"]) == tried
    best = min(tried, key=lambda name: record["recipes"][name]["log_loss"])
    assert (record["recipe"], record["pool"]) == without_pool(best)
    assert json.loads((site / MODEL / "config.json").read_text())["recipe"] == record["recipe"]


def test_other_orders_of_keys_run_nothing(site: Path) -> None:
    (site / "backwards.yaml").write_text(yaml.safe_dump(backwards(yaml.safe_load(OVERLAY)), sort_keys=False))
    again = runner(site)("snakemake", "-n", "model", "--configfile", "backwards.yaml").stdout
    assert planned(again) == set()


def test_other_labels_run_the_model_again_and_no_extraction(site: Path) -> None:
    run = runner(site)
    assert planned(run("snakemake", "-n", "model", "--configfile", "own.yaml").stdout) == set()
    before = (site / "labels.csv").read_text()
    (site / "labels.csv").write_text(before + "041.png,3\n")
    again = planned(run("snakemake", "-n", "model", "--configfile", "own.yaml").stdout)
    assert {"validate_recipe", "assess_model", "train_model", "export_model", "describe_model"} <= again
    assert not again & {"extract_features", "index_dataset", "get_weights"}
