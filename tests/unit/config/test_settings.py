"""The settings of each stage: which layer wins, and what they leave out."""

import copy
import json

import pytest
from fact.config import settings
from fact.config.settings import (
    calibration_settings,
    evaluation_epochs,
    model_candidates,
    model_phases,
    plain,
    probe_settings,
    recipe_settings,
    selector_settings,
    transforms,
)
from small_config import CONFIG, changed, of, with_labels


def layered(depth: int) -> dict:
    """CONFIG with momentum 0, 1, … in the first ``depth`` places that may set it; the sixth is a budget's."""
    config = copy.deepcopy(CONFIG)
    config["recipes"]["ff"] = {"tuner": "full", "start": "random"}
    own = config["datasets"]["digits"]["recipes"].setdefault("ff", {"budgets": {"20img": {}}})
    places = [
        config["training"],
        config["backbones"]["vit"]["training"],
        config["datasets"]["digits"]["training"],
        config["recipes"]["ff"],
        own,
        own["budgets"]["20img"],
    ]
    for number, place in enumerate(places[:depth]):
        place["momentum"] = number
    return config


@pytest.mark.parametrize("depth", range(1, 7))
def test_the_more_particular_setting_wins(depth):
    assert recipe_settings(of(layered(depth)), "digits", "vit", "ff", "20img")["momentum"] == depth - 1


def test_settings_of_other_names_have_no_part():
    config = layered(6)
    assert recipe_settings(of(config), "digits", "vit", "ff", "100img")["momentum"] == 4
    assert recipe_settings(of(config), "digits", "vit", "lp-ft", "20img")["momentum"] == 2
    assert recipe_settings(of(config), "cifar10", "vit", "ff", "20img")["momentum"] == 3
    assert recipe_settings(of(config), "cifar10", "cnn", "lp-ft", "1pct")["momentum"] == 0


def test_augmentation_is_merged_key_by_key_and_lists_are_replaced():
    config = copy.deepcopy(CONFIG)
    config["backbones"]["vit"]["training"] = {"augmentation": {"interpolation": "bilinear"}}
    config["datasets"]["digits"]["training"] = {"augmentation": {"crop_scale": [0.6, 1.0]}}
    config["datasets"]["digits"]["recipes"] = {"ff": {"augmentation": {"flip": 0.0}}}
    settings = recipe_settings(of(config), "digits", "vit", "ff", "20img")
    assert settings["augmentation"] == {"crop_scale": [0.6, 1.0], "flip": 0.0, "interpolation": "bilinear"}


def test_recipe_settings_are_complete_and_leave_the_configuration_alone():
    config = layered(6)
    before = copy.deepcopy(config)
    settings = recipe_settings(of(config), "digits", "vit", "ff", "20img")
    assert set(settings) == {*CONFIG["training"], "tuner", "start"}
    settings["augmentation"]["flip"] = 9
    assert config == before


def test_converged_probe_has_its_own_settings_alone():
    config = changed("backbones.vit.training", {"learning_rate": 0.1})
    assert probe_settings(of(config), "digits", "vit", "lbfgs") == CONFIG["probes"]["lbfgs"]


def test_sgd_probe_is_resolved_like_a_recipe():
    config = copy.deepcopy(CONFIG)
    config["backbones"]["vit"]["training"] = {"learning_rate": 0.1, "momentum": 0.5, "epochs": 11}
    config["datasets"]["digits"]["training"] = {"momentum": 0.8, "epochs": 12}
    settings = probe_settings(of(config), "digits", "vit", "sgd")
    assert set(settings) == {"kind", "training"} and settings["kind"] == "sgd"
    expected = CONFIG["training"] | {"learning_rate": 0.1, "momentum": 0.8, "epochs": 40}
    assert settings["training"] == expected


@pytest.mark.parametrize(
    ("epochs", "every", "history", "expected"),
    [
        (50, 1, "last", [49]),
        (1, 6, "last", [0]),
        (5, 1, "paper", [0, 1, 2, 3, 4]),
        (10, 4, "paper", [3, 7, 9]),
        (12, 4, "paper", [3, 7, 11]),
        (3, 10, "paper", [2]),
        (1, 1, "paper", [0]),
    ],
)
def test_epochs_that_are_scored(epochs, every, history, expected):
    assert evaluation_epochs({"epochs": epochs, "history_every": every}, history) == expected


def test_full_finetuning_is_scored_fifty_times_as_the_other_recipes():
    epochs = evaluation_epochs({"epochs": 300, "history_every": 6}, "paper")
    assert len(epochs) == 50 and epochs[:2] == [5, 11] and epochs[-1] == 299
    assert len(evaluation_epochs({"epochs": 50, "history_every": 1}, "paper")) == 50


def test_plain_sorts_keys_at_every_depth():
    first = {"b": {"z": 1, "a": [{"y": 2, "x": (3, 4)}]}, "a": None}
    second = {"a": None, "b": {"a": [{"x": [3, 4], "y": 2}], "z": 1}}
    text = '{"a": null, "b": {"a": [{"x": [3, 4], "y": 2}], "z": 1}}'
    assert json.dumps(plain(first)) == json.dumps(plain(second)) == text
    assert repr(plain(plain(first))) == repr(plain(second))


def test_plain_keeps_values_and_types():
    values = {"a": 1, "b": 1.0, "c": True, "d": "1e-3", "e": 1e-05, "f": float("inf")}
    result = plain(values)
    assert result == values and [type(result[key]) for key in values] == [
        type(value) for value in values.values()
    ]


@pytest.mark.parametrize(
    ("declared", "by_stage"),
    [("crop", ("crop", "crop")), ("squash", ("squash", "squash")), ("released", ("squash", "inner_crop"))],
)
def test_transforms_differ_between_stages_as_in_the_released_code_alone(declared, by_stage):
    assert transforms(of(changed("datasets.digits.transform", declared)), "digits") == by_stage


def test_a_dataset_has_parameters_of_its_own_for_selectors_and_calibrations():
    config = copy.deepcopy(CONFIG)
    config["selectors"]["activeft"] = {"module": "activeft", "params": {"iterations": 300, "balance": 1.0}}
    config["calibrations"] = {"dc": {"module": "activedc", "params": {"alpha": 0.7}}}
    config["datasets"]["digits"] |= {
        "selectors": {"activeft": {"iterations": 5}},
        "calibrations": {"dc": {"alpha": 0.1}},
    }
    assert selector_settings(of(config), "digits", "activeft")["params"] == {"iterations": 5, "balance": 1.0}
    assert selector_settings(of(config), "cifar10", "activeft")["params"]["iterations"] == 300
    assert calibration_settings(of(config), "digits", "dc")["params"] == {"alpha": 0.1}
    assert calibration_settings(of(config), "cifar10", "dc")["params"] == {"alpha": 0.7}


def test_a_model_is_chosen_among_what_its_backbone_can_have():
    config = with_labels()
    assert model_candidates(of(config), "vit") == ["frozen", "lp-lora", "ff"]
    config["backbones"]["cnn"]["tuners"] = ["full"]
    assert model_candidates(of(config), "cnn") == ["frozen", "ff"]


@pytest.mark.parametrize(
    ("candidate", "epochs", "probe"),
    [("frozen", None, None), ("lp-lora", 50, {"kind": "lbfgs", "C": 1.0}), ("ff", 300, None)],
)
def test_phases_of_a_model_have_all_settings_resolved(candidate, epochs, probe):
    phases = model_phases(of(with_labels()), "cifar10", "vit", candidate)
    assert (phases["recipe"] and phases["recipe"]["epochs"]) == epochs and phases["probe"] == probe
    assert phases["head"] == {"kind": "auto"} and phases["precision"] == "fp32"


def photos(**changes: object) -> dict:
    """CONFIG with settings of digits that concern an index and a reading."""
    config = copy.deepcopy(CONFIG)
    options = {"exif": False, "max_pixels": 90, "test": "tested", "verify": "full"}
    own = {"source": "own_images", "root": "images", "transform": "crop", "options": options}
    config["datasets"]["digits"] |= own | changes
    config["run"] |= {"frozen_precision": "fp32", "precision": "bf16", "batch_size": 8}
    config["run"] |= {"compile": False, "store_dtype": "float16"}
    return config


def test_an_index_has_all_options_and_a_reading_those_that_concern_pixels():
    config = of(photos())
    assert settings.index_settings(config, "digits")["options"] == photos()["datasets"]["digits"]["options"]
    read = settings.reading_settings(config, "digits")
    assert read == {
        "source": "own_images",
        "transform": "crop",
        "options": {"exif": False, "max_pixels": 90, "test": "tested"},
    }
    assert settings.source_settings(config, "digits") == {"source": "own_images", "root": "images"}


def test_budgets_and_labels_concern_neither_the_index_nor_the_features():
    """A further budget must not extract features again."""
    one, other = of(photos()), of(photos(budgets=["5img"], labels="my.csv", backbones=["vit", "cnn"]))
    for function in (settings.source_settings, settings.index_settings, settings.extraction_settings):
        assert function(one, "digits") == function(other, "digits")
    assert settings.sorted_budgets(other, "digits") == ["5img"]
    assert settings.sorted_budgets(one, "digits") == ["100img", "20img"]


def test_features_of_a_tuned_backbone_differ_in_transform_and_precision():
    config = of(photos(transform="released"))
    frozen, tuned = (
        function(config, "digits")
        for function in (settings.extraction_settings, settings.refinement_settings)
    )
    assert (frozen["transform"], tuned["transform"]) == ("squash", "inner_crop")
    others = {"transform": None, "precision": None}
    assert {**frozen, **others} == {**tuned, **others}
    # what selection looks at has an arithmetic of its own
    assert (frozen["precision"], tuned["precision"], frozen["store_dtype"]) == ("fp32", "bf16", "float16")


def test_what_is_trained_on_a_backbone_concerns_its_weights_no_more_than_its_tuners():
    declared = {"model": "vit_tiny", "weights": None, "training": {"epochs": 9}, "tuners": ["full"]}
    found = settings.backbone_settings(of(changed("backbones.vit", declared)), "vit")
    assert found == {"name": "vit", "model": "vit_tiny", "weights": None}


def test_merged_settings_are_new_and_later_layers_win_one_level_deep():
    layers = [{"a": {"x": 1, "y": {"z": 1}}, "b": 1}, {"a": {"y": {}}, "b": {"c": 2}}, {"d": [1]}]
    found = settings.merged(layers)
    assert found == {"a": {"x": 1, "y": {}}, "b": {"c": 2}, "d": [1]}
    found["d"].append(2)
    assert layers[2] == {"d": [1]}


def test_a_model_is_validated_by_the_settings_that_it_is_trained_with():
    config = with_labels()
    config["datasets"]["cifar10"] |= {"source": "cifar10", "options": {}, "transform": "released"}
    whole = settings.model_settings(of(config), "cifar10", "vit")
    assert list(whole["phases"]) == ["frozen", "lp-lora", "ff"] and whole["transform"] == "inner_crop"
    for name, phases in whole["phases"].items():
        fold = settings.validation_settings(of(config), "cifar10", "vit", name)
        assert fold["phases"] == phases and fold["reading"] == whole["reading"] and fold["folds"] == 4
        assert fold["full_is_tried"] == (name != "ff")
    found = settings.assessment_settings(of(config), "vit")
    assert found == {"candidates": list(whole["phases"]), "shares": 2, "seed": 0}
    assert settings.pool_prediction_settings(of(config), "cifar10")["next"] == 9


def test_datasets_with_labels_are_those_of_the_run():
    config = with_labels()
    assert settings.labelled_datasets(of(config)) == ["cifar10"]
    config["datasets"]["digits"]["labels"], config["run"]["datasets"] = "more.csv", ["digits"]
    assert settings.labelled_datasets(of(config)) == ["digits"]
