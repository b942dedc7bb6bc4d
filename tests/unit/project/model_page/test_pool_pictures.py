"""Which unlabelled images are shown: both ends of each class, the most frequent classes first."""

import numpy as np
from fact.model.pool_predictions import PoolPredictions
from fact.project.model_page.pool_pictures import IMAGES, MOST, following_pictures, pool_pictures
from fact.project.model_page.tiles import Strip, names_of


def predictions(labels: list[str]) -> PoolPredictions:
    """The later, the surer."""
    ids = [str(row) for row in range(len(labels))]
    return PoolPredictions(ids, labels, np.linspace(0.3, 0.9, len(labels)).astype(np.float32))


def ids(strip: Strip) -> list[str]:
    return [tile.sample_id for tile in strip.tiles]


def test_both_ends_of_each_class_and_the_classes_that_are_never_said() -> None:
    found = pool_pictures(predictions(["dog"] * 3 + ["cat"] * 30), ["cat", "cow", "dog"])
    assert [(of.name, of.images) for of in found.classes] == [("cat", 30), ("dog", 3)]
    cat, dog = found.classes
    assert ids(cat.surest) == ["32", "31", "30", "29", "28"]
    assert ids(cat.least_sure) == ["3", "4", "5", "6", "7"]
    # none is shown twice
    assert ids(dog.surest) == ["2", "1", "0"] and ids(dog.least_sure) == []
    assert (found.images, found.more, found.never) == (33, 0, ("cow",))


def test_of_many_classes_fewer_images_and_no_more_than_fit() -> None:
    names = [f"class {number}" for number in range(200)]
    found = pool_pictures(predictions([name for name in names for _ in range(4)]), names)
    shown = list(names_of(strip for of in found.classes for strip in (of.surest, of.least_sure)))
    assert len(shown) == len(set(shown)) == IMAGES and found.more == 200 - IMAGES // 2
    assert len(pool_pictures(predictions(names[:9] * 20), names).classes[0].surest.tiles) == MOST


def test_the_next_images_are_in_their_order_with_what_is_said_of_them() -> None:
    found = following_pictures(["2", "gone", "0"], predictions(["cat", "cow", "dog"]), 2)
    assert ids(found) == ["2"] and found.more == 2
    assert found.tiles[0].said[0].name == "dog"
    assert pool_pictures(predictions([]), ["cat"]).classes == ()
