"""Inputs that depend on the configuration."""

from pathlib import Path

import pytest
from fact.config import inputs, paths
from report_run import run_config
from small_config import CONFIG, changed, of, with_labels

CELL = {"dataset": "d", "backbone": "b", "seed": 3}


def test_wildcards_are_filled_in_at_every_depth() -> None:
    assert inputs.fill_wildcards("{dataset}/seed{seed}.csv", CELL) == "d/seed3.csv"
    assert inputs.fill_wildcards(["{dataset}", "x"], CELL) == ["d", "x"]
    patterns = {"one": "{backbone}.h5", "many": ["{dataset}", "{backbone}"], "none": []}
    assert inputs.fill_wildcards(patterns, CELL) == {"one": "b.h5", "many": ["d", "b"], "none": []}


def test_a_wildcard_that_a_rule_lacks_is_an_error() -> None:
    with pytest.raises(KeyError, match="budget"):
        inputs.fill_wildcards(["{budget}"], CELL)


@pytest.mark.parametrize(
    ("model", "weights", "files"),
    [
        ("vit_tiny", None, []),
        ("vit_tiny", "random", []),
        ("vit_tiny", "https://a/b.pth", []),
        ("vit_tiny", "file:///a/b.pth", []),
        ("vit_tiny", "/a/b.safetensors", ["/a/b.safetensors"]),
        ("vit_tiny", "b.safetensors", ["b.safetensors"]),
        ("local-dir:/a/timm", None, ["/a/timm/config.json", "/a/timm/model.safetensors"]),
    ],
)
def test_local_files_of_weights_are_inputs(model: str, weights: str | None, files: list[str]) -> None:
    config = of(changed("backbones.vit", {"model": model, "weights": weights}))
    assert inputs.weights_files(config, "vit") == files


def test_files_below_the_working_directory_are_relative(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    given = {"model": "vit_tiny", "weights": str(tmp_path / "own/b.pth")}
    assert inputs.weights_files(of(changed("backbones.vit", given)), "vit") == ["own/b.pth"]


@pytest.mark.parametrize("function", [inputs.labels, inputs.already_labelled])
def test_a_list_that_a_dataset_may_name(function: object) -> None:
    key = function.__name__
    assert function(of(CONFIG), "digits") == []
    assert function(of(changed(f"datasets.digits.{key}", None)), "digits") == []
    assert function(of(changed(f"datasets.digits.{key}", "my.csv")), "digits") == ["my.csv"]


def test_a_probe_is_an_input_of_recipes_that_start_from_it() -> None:
    assert inputs.starting_head(of(CONFIG), "digits", "ff") == []
    assert inputs.starting_head(of(CONFIG), "digits", "lp-ft") == [
        f"{paths.RUN}/probe/probe/head.safetensors"
    ]


def test_a_frozen_backbone_has_no_checkpoint() -> None:
    assert inputs.maps_checkpoint(of(CONFIG), "frozen") == []
    assert inputs.maps_checkpoint(of(CONFIG), "ff") == [f"{paths.RECIPE}/checkpoint.safetensors"]


def test_pseudo_labels_are_inputs_of_recipes_that_train_on_them() -> None:
    config = of(changed("recipes.ff.pseudo", "dc"))
    assert inputs.pseudo_labels(config, "ff") == [f"{paths.RUN}/pseudo/dc.json"]
    assert inputs.pseudo_labels(config, "lp-ft") == []


def test_selectors_bring_the_files_that_they_compare_images_by() -> None:
    entry = {"patterns": {"count": 2}, "text": {"model": "clip", "template": "{}", "captions": "said.csv"}}
    config = of(changed("selectors.activeft", entry))
    assert inputs.patterns(config, "activeft") == [f"{paths.FEATURES}/patterns/activeft.h5"]
    assert inputs.texts(config, "activeft") == [f"{paths.TEXTS}.safetensors"]
    assert inputs.captions(config, "activeft") == ["said.csv"]
    assert inputs.patterns(config, "random") == inputs.texts(config, "random") == []


def test_a_second_step_needs_its_first_and_a_probe_on_it() -> None:
    first = {"params": {}, "first": {"selector": "random", "share": 0.5}, "probe": "lbfgs"}
    config = of(changed("selectors.badge", first))
    assert inputs.first_selection(config, "digits", "vit", "badge", "20img", "7") == {
        "first": "results/selections/digits/vit/random/10img/seed7.csv",
        "probe": "results/runs/digits/vit/random/10img/seed7/probe/lbfgs/head.safetensors",
    }


def test_a_pretrained_backbone_needs_its_pool() -> None:
    config = of(changed("backbones.vit.pretrain", {"dataset": "cifar10"}))
    assert inputs.pretraining_pool(config, "vit") == {
        "source": "results/sources/cifar10/source.json",
        "manifest": "results/datasets/cifar10/manifest.parquet",
    }


def test_a_model_is_chosen_by_the_validation_of_every_candidate() -> None:
    names = [Path(path).stem for path in inputs.validations(of(with_labels()), "vit")]
    shares = [(name, share) for name in ("frozen", "lp-lora", "ff") for share in "01"]
    assert names == [f"{name}-{share}" for name, share in shares]


def test_example_predictions_are_listed_once() -> None:
    run = {"datasets": ["ade20k"], "tables": ["table7"], "report": []}
    files = inputs.example_predictions(run_config({"run": run}), "table7", "ade20k")
    shown = files["shown"]
    assert shown and len(shown) == len(set(shown))
    assert all(path.endswith("/shown.safetensors") for path in shown)


@pytest.mark.parametrize(
    ("history", "keep_refined", "decodes"),
    [("last", True, False), ("paper", True, True), ("last", False, True), ("paper", False, True)],
)
def test_test_images_are_decoded_to_a_file_where_jobs_score_often_or_stream(
    history: str, keep_refined: bool, decodes: bool
) -> None:
    config = of(changed("run", {**CONFIG["run"], "history": history, "keep_refined": keep_refined}))
    assert inputs.decoded_test(config, "digits") == [paths.DECODED] * decodes


def test_an_audit_is_an_input_once_its_labels_are_back(tmp_path: Path) -> None:
    assert inputs.audit(of(CONFIG), "digits") == []
    config = of(changed("datasets.digits.audit", str(tmp_path)))
    assert inputs.audit(config, "digits") == []
    (tmp_path / "labels.csv").touch()
    names = ["draw.csv", "labels.csv", "draw.json"]
    assert inputs.audit(config, "digits") == [str(tmp_path / name) for name in names]
