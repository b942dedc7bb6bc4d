"""The settings of each stage of segmentation: which layer wins."""

import pytest
from fact.config import segmentation
from fact.config.declared import Config
from small_config import CONFIG, of

TASK = {
    "images": {
        "short_side": 512,
        "long_side": 2048,
        "crop_size": 64,
        "scale": [0.5, 2.0],
        "flip": 0.5,
        "max_share": 0.75,
    },
    "decoder": {"channels": 8, "dropout": 0.1},
    "training": {"iterations": 100, "batch_size": 4, "power": 1.0},
    "maps": {"views": 2},
    "inference": {"stride": 32},
    "probes": {"upernet": {"iterations": 90}},
    "recipes": {"ff": {"tuner": "full", "start": "random", "iterations": 80}, "lp-ft": {"tuner": "full"}},
    "heads": {
        "frofa": {
            "training": {"batch_size": 3},
            "search": {"iterations": 5},
            "frofa": {"strength": [0.0]},
            "folds": 2,
            "fallback_strength": 0.0,
        }
    },
}


@pytest.fixture
def config() -> Config:
    """Two datasets of pixels: own images with changes at every place, and plain ones without."""
    own = {
        "images": {"flip": 0.0, "crop_size": 32},
        "decoder": {"channels": 16},
        "training": {"iterations": 70, "power": 2.0},
        "maps": {"views": 3},
        "budgets": {"5pct": {"power": 3.0, "iterations": 60}},
    }
    entry = {"source": "mask_folder", "options": {"suffix": ".png"}, "task": "segmentation"}
    datasets = {"own": entry | {"segmentation": own}, "plain": entry}
    run = CONFIG["run"] | {"frozen_precision": "fp32", "precision": "fp32", "store_dtype": "float16"}
    return of(CONFIG | {"datasets": datasets, "segmentation": TASK, "run": run})


def test_the_more_particular_training_wins(config: Config) -> None:
    def trained(dataset: str, budget: str) -> dict:
        return segmentation.segmenter_settings(config, dataset, budget, "lp-ft")["training"]

    assert trained("plain", "5pct") == {"iterations": 100, "batch_size": 4, "power": 1.0, "tuner": "full"}
    assert trained("own", "10pct") == {"iterations": 70, "batch_size": 4, "power": 2.0, "tuner": "full"}
    assert trained("own", "5pct") == {"iterations": 60, "batch_size": 4, "power": 3.0, "tuner": "full"}


def test_a_stage_wins_over_the_dataset_and_its_budget(config: Config) -> None:
    probe = segmentation.segmentation_probe_settings(config, "own", "5pct", "upernet")
    tuned = segmentation.segmenter_settings(config, "own", "5pct", "ff")
    assert (probe["training"]["iterations"], tuned["training"]["iterations"]) == (90, 80)
    assert probe["decoder"] == tuned["decoder"] == {"channels": 16, "dropout": 0.1}


def test_crops_are_scored_at_the_size_that_they_are_trained_at(config: Config) -> None:
    stage = segmentation.segmenter_settings(config, "own", "5pct", "ff")
    assert stage["images"] == {
        "crop_size": 32,
        "augmentation": {"scale": [0.5, 2.0], "flip": 0.0, "max_share": 0.75},
    }
    assert stage["inference"] == {"stride": 32, "crop_size": 32, "precision": "fp32"}
    assert stage["reading"] == {
        "source": "mask_folder",
        "options": {"suffix": ".png"},
        "short_side": 512,
        "long_side": 2048,
    }


def test_maps_are_of_the_same_crops(config: Config) -> None:
    found = segmentation.maps_settings(config, "own")
    assert found["maps"]["crop_size"] == 32 and found["maps"]["views"] == 3
    assert (found["maps"]["precision"], found["maps"]["store_dtype"]) == ("fp32", "float16")
    assert segmentation.maps_settings(config, "plain")["maps"]["views"] == 2


def test_a_head_searches_with_its_own_training_but_for_what_the_search_says(config: Config) -> None:
    found = segmentation.segmentation_head_settings(config, "own", "5pct", "frofa")
    assert found["training"] == {"iterations": 60, "batch_size": 3, "power": 3.0}
    assert found["search"] == {"iterations": 5, "batch_size": 3, "power": 3.0}
    assert (found["frofa"], found["folds"], found["fallback_strength"]) == ({"strength": [0.0]}, 2, 0.0)
    assert found["decoder"]["channels"] == 16
