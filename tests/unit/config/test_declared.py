"""The configuration as an object."""

from dataclasses import FrozenInstanceError

import pytest
from fact.config.declared import Config, Task
from small_config import CONFIG, changed, of

OF_PIXELS = {
    "methods": {"LP": {"probe": "upernet"}},
    "probes": {"upernet": {}},
    "recipes": {"slow": {}},
    "heads": {"frofa": {}},
    "images": {"flip": 0.5},
}


@pytest.fixture
def config() -> Config:
    """CONFIG with the pixels of cifar10 having classes."""
    plain = changed("datasets.cifar10.task", "segmentation")
    return of(plain | {"segmentation": OF_PIXELS, "heads": {"map": {}}})


def test_keys_beside_the_fields_are_left_out_and_missing_ones_are_empty() -> None:
    config = Config.from_plain({**CONFIG, "more": {}})
    assert not hasattr(config, "more")
    assert config.datasets is CONFIG["datasets"] and config.heads == config.model == {}


def test_a_key_that_every_run_needs_is_missed() -> None:
    with pytest.raises(TypeError, match="recipes"):
        Config.from_plain({key: value for key, value in CONFIG.items() if key != "recipes"})


def test_it_cannot_be_changed(config: Config) -> None:
    with pytest.raises(FrozenInstanceError):
        config.run = {}


def test_registries_are_found_by_their_keys(config: Config) -> None:
    assert config.entries("probes") == CONFIG["probes"]
    with pytest.raises(AttributeError, match="probe"):
        config.entries("probe")


def test_a_dataset_has_the_methods_of_its_task(config: Config) -> None:
    assert [config.segments(name) for name in ("digits", "cifar10")] == [False, True]
    images = Task(CONFIG["methods"], CONFIG["probes"], CONFIG["recipes"], {"map": {}})
    pixels = Task(OF_PIXELS["methods"], OF_PIXELS["probes"], OF_PIXELS["recipes"], OF_PIXELS["heads"])
    assert config.task("digits") == images and config.task("cifar10") == pixels


def test_one_name_is_another_method_in_another_task(config: Config) -> None:
    assert config.method("digits", "LP") == {"probe": "sgd"}
    assert config.method("cifar10", "LP") == {"probe": "upernet"}
    with pytest.raises(KeyError, match="FACT"):
        config.method("cifar10", "FACT")
