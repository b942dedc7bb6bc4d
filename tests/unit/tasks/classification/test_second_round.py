"""A second round sees a stated number of images, whatever the number of images that join."""

import pytest
from fact.tasks.classification.second_round import shortened

SETTINGS = {
    "training": {"epochs": 50, "warmup_epochs": 5, "batch_size": 512, "history_every": 5, "pseudo_cost": 1.5},
    "evaluation": {"epochs": [49], "transform": "squash"},
    "history": "last",
}


@pytest.mark.parametrize(("labelled", "images"), [(50, 250), (100, 250), (250, 450)])
def test_the_images_seen_are_those_that_were_asked_for(labelled: int, images: int) -> None:
    found = shortened(SETTINGS, labelled, images)["training"]
    assert found["epochs"] * images == pytest.approx(1.5 * 50 * labelled, rel=0.04)
    assert found["batch_size"] == labelled and 0 < found["warmup_epochs"] <= 5


def test_the_last_of_the_fewer_epochs_is_scored() -> None:
    assert shortened(SETTINGS, 50, 250)["evaluation"]["epochs"] == [14]
    every = shortened({**SETTINGS, "history": "paper"}, 50, 250)["evaluation"]["epochs"]
    assert every == [4, 9, 14]


def test_so_many_images_that_little_is_left_are_seen_in_five_epochs() -> None:
    found = shortened(SETTINGS, 10, 10_000)["training"]
    assert found["epochs"] == 5 and found["warmup_epochs"] < 5


def test_without_a_cost_or_more_images_nothing_changes() -> None:
    assert shortened(SETTINGS, 50, 50) == SETTINGS
    free = {**SETTINGS, "training": {"epochs": 50}}
    assert shortened(free, 50, 250) == free
