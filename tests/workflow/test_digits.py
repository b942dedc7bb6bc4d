"""The main job on the embedded digits, end to end, in a copy of the checkout."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from checkout import planned, runner
from fact.data.selection_file import read_selection
from fact.features.store import read_features

TINY = ("--configfile", "tiny.yaml")
CELL = "results/runs/digits/vit_digits/activeft/20img/seed0"


def test_every_score_and_format_is_there(finished: Path) -> None:
    scores = pd.read_parquet(finished / "results/scores/table1.parquet")
    assert len(scores) == 2 * 11
    assert scores["top1_last"].between(0, 1).all()
    assert scores.query("method == 'LR-frozen'")["top1_last"].min() > 0.5
    for name in (
        "tables/table1.csv",
        "tables/table1.md",
        "tables/table1.tex",
        "figures/table1-over-budget.pdf",
    ):
        assert (finished / "results" / name).stat().st_size > 100


@pytest.mark.parametrize(
    "path",
    [
        "features/digits/vit_digits/pool.h5",
        "features/digits/vit_digits/test.h5",
        "selections/digits/vit_digits/activeft/20img/seed0.csv",
        f"{CELL.removeprefix('results/')}/ff/score.json",
        f"{CELL.removeprefix('results/')}/ff/checkpoint.safetensors",
    ],
)
def test_every_artifact_names_software_device_and_command(finished: Path, path: str) -> None:
    made, device, command = runner(finished)("fact", "inspect", f"results/{path}").stdout.splitlines()[-3:]
    assert all(f"{name} " in made for name in ("python", "torch", "timm", "scikit-learn", "numpy", "peft"))
    assert device.startswith("device: ")
    assert command == "command: python -m snakemake --cores 2 --configfile tiny.yaml"


def test_best_on_test_stands_apart_from_the_headline(finished: Path) -> None:
    scores = pd.read_parquet(finished / "results/scores/table1.parquet").set_index(["selector", "method"])
    tuned = scores.loc[(slice(None), ["FF", "LP-FT", "LP-LoRA"]), :]
    assert (tuned["top1_best_test"] >= tuned["top1_last"]).all()
    others = scores.drop(index=tuned.index)
    assert others["top1_best_test"].isna().all()
    history = json.loads((finished / CELL / "ff/score.json").read_text())["history"]
    assert ["top1" in entry for entry in history] == [False, True, False, True]
    assert "best" in (finished / "results/tables/table1.md").read_text()


def test_nothing_is_left_to_do(finished: Path) -> None:
    assert "Nothing to be done" in runner(finished)("snakemake", "-n", *TINY).stdout


def test_a_deleted_selection_reruns_what_follows_it_only(finished: Path) -> None:
    selection = finished / "results/selections/digits/vit_digits/random/20img/seed0.csv"
    kept = selection.read_bytes()
    selection.unlink()
    try:
        output = runner(finished)("snakemake", "-n", "digits", *TINY).stdout
    finally:
        selection.write_bytes(kept)
    following = {
        "select_samples", "train_probe", "tune_backbone", "refine_features", "refine_pool",
        "propagate_labels", "fit_head", "collect_scores", "make_table", "plot_budgets", "digits",
    }  # fmt: skip
    assert planned(output) == following
    assert "selector=random" in output and "selector=activeft" not in output


def test_features_of_phase_three_belong_to_their_own_checkpoint(finished: Path) -> None:
    import hashlib

    checkpoint = (finished / CELL / "lp-ft/checkpoint.safetensors").read_bytes()
    labelled = read_features(finished / CELL / "lp-ft/refined_labelled.h5")
    provenance = json.loads(labelled.attributes["provenance"])
    assert provenance["checkpoint_sha256"] == hashlib.sha256(checkpoint).hexdigest()
    assert (provenance["budget"], provenance["seed"], provenance["selector"]) == ("20img", "0", "activeft")
    chosen = read_selection(finished / "results/selections/digits/vit_digits/activeft/20img/seed0.csv")
    assert labelled.sample_ids == chosen


def test_labels_of_unchosen_images_change_nothing(finished: Path, tmp_path: Path) -> None:
    """Blind the pool outside the selection: the probe and its score stay the same, to the byte."""
    import h5py

    copy = shutil.copytree(finished, tmp_path / "blind", symlinks=True)
    pool = read_features(copy / "results/features/digits/vit_digits/pool.h5")
    chosen = set(read_selection(copy / "results/selections/digits/vit_digits/activeft/20img/seed0.csv"))
    from fact.features.writer import FeatureWriter

    blind = [
        label if name in chosen else -1 for name, label in zip(pool.sample_ids, pool.labels, strict=True)
    ]
    attributes = {
        key: value
        for key, value in pool.attributes.items()
        if key not in ("format", "version", "content_sha256")
    }
    import numpy as np

    samples = {"sample_ids": pool.sample_ids, "labels": np.array(blind), "attributes": attributes}
    with FeatureWriter(copy / "results/features/digits/vit_digits/pool.h5", **samples) as writer:
        writer.append(pool.features)
    with h5py.File(copy / "results/features/digits/vit_digits/pool.h5") as file:
        assert (file["label"][:] == -1).sum() == len(pool.labels) - 20
    head = copy / CELL / "probe/lbfgs/head.safetensors"
    before = head.read_bytes()
    runner(copy)("snakemake", "--cores", "1", *TINY, "--force", str(head.relative_to(copy)))
    assert head.read_bytes() == before


def test_targets_can_be_listed_and_drawn(fresh: Path) -> None:
    run = runner(fresh)
    targets = run("snakemake", "--list-target-rules").stdout
    assert {"all_tables", "table1", "digits", "cifar10", "select", "downloads"} <= set(targets.split())
    assert run("snakemake", "--rulegraph", *TINY).stdout.startswith("digraph")


def test_planning_imports_no_torch() -> None:
    code = (
        "import sys; import fact.config.paths, fact.config.settle, fact.infra.process.code_version; "
        "sys.exit(any(m in sys.modules for m in ('torch', 'timm', 'h5py', 'pandas')))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@pytest.mark.parametrize(
    ("overlay", "expected"),
    [
        ("run: {sedes: [1]}", ["run", "sedes", "seeds"]),
        ("run: {seeds: none}", ["run.seeds", "none"]),
        ("run: {selectors: [activfet]}", ["run.selectors", "activfet", "activeft"]),
        ("run: {datasets: [mnist]}", ["run.datasets", "mnist", "digits"]),
        ("datasets: {digits: {backbones: [resnet]}}", ["datasets.digits.backbones", "resnet", "vit_digits"]),
        ("datasets: {digits: {budgets: [0img]}}", ["datasets.digits.budgets", "0img", "100img"]),
        ("training: {learning_rate: fast}", ["training.learning_rate", "fast"]),
        ("tables: {select: {title: Chosen}}", ["'select' is the name", "rename"]),
    ],
)
def test_a_wrong_configuration_stops_before_any_work(fresh: Path, overlay: str, expected: list[str]) -> None:
    (fresh / "wrong.yaml").write_text(overlay)
    done = runner(fresh)("snakemake", "-n", "--configfile", "wrong.yaml", succeeds=False)
    told = done.stdout + done.stderr
    assert all(word in told for word in expected), told
    assert "Traceback" not in told


def test_a_number_without_a_dot_is_a_number(fresh: Path) -> None:
    (fresh / "number.yaml").write_text("training: {learning_rate: 1e-3}")
    plan = runner(fresh)("snakemake", "-n", "--configfile", "number.yaml").stdout
    assert "tune_backbone" in planned(plan)


def test_a_budget_above_the_pool_stops_before_features(fresh: Path) -> None:
    (fresh / "big.yaml").write_text("datasets: {digits: {budgets: [1438img]}}")
    done = runner(fresh)("snakemake", "--cores", "2", "--configfile", "big.yaml", succeeds=False)
    assert "budget '1438img' means 1438 of a pool of 1437 images" in done.stdout + done.stderr
    assert not (fresh / "results/features").exists()


def test_missing_images_and_weights_are_named(fresh: Path) -> None:
    done = runner(fresh)(
        "snakemake", "--cores", "2", "downloads", "--configfile", "config/cifar10_images.yaml", succeeds=False
    )
    told = done.stdout + done.stderr
    assert "data/mobilenetv2_100.in1k/config.json" in told or "data/cifar10_images" in told
