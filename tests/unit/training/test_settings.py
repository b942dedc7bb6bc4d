"""Settings of a training, read from a recipe's flat JSON."""

import pytest
from fact.infra.errors import ConfigError
from fact.training.classifier import read_tuner
from fact.training.recipe import read_recipe
from fact.training.settings import read_training
from training_settings import SETTINGS
from tuner_settings import TUNERS


def test_the_augmentation_is_read_with_its_training():
    training = read_training(SETTINGS | {"history_every": 3, "start": "random"})
    assert training.augmentation.crop_scale == (0.3, 1.0) and training.batch_size == SETTINGS["batch_size"]


@pytest.mark.parametrize("key", ["epochs", "clip_norm", "compile"])
def test_a_missing_key_of_a_training_is_named(key: str):
    with pytest.raises(ConfigError, match=f"training: the key '{key}' is missing"):
        read_training({name: value for name, value in SETTINGS.items() if name != key})


def test_a_missing_key_of_an_augmentation_is_named():
    with pytest.raises(ConfigError, match=r"training\.augmentation: the key 'flip' is missing"):
        read_training(
            SETTINGS | {"augmentation": {"crop_scale": [1, 1], "crop_ratio": [1, 1], "interpolation": "x"}}
        )


@pytest.mark.parametrize(("tuner", "key"), [("lora", "rank"), ("prompts", "deep"), ("prefix", "num_tokens")])
def test_a_missing_key_of_a_tuner_is_named(tuner: str, key: str):
    settings = {name: value for name, value in TUNERS[tuner].items() if name != key}
    with pytest.raises(ConfigError, match=f"recipe of tuner {tuner}: the key '{key}' is missing"):
        read_tuner(settings)


def test_a_recipe_keeps_its_plain_settings():
    assert read_recipe(TUNERS["lora"]).plain == TUNERS["lora"]
