import numpy as np
import pandas as pd
import pytest
import torch
from fact.backbones.spec import ImageInput
from fact.features.distortion import SAMPLE, feature_distortion, measure, sample_images
from vits import classifier, perturb

SPEC = ImageInput(image_size=16, interpolation="bicubic", mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5))


def pool(count: int) -> pd.DataFrame:
    return pd.DataFrame({"sample_id": [f"image {number}" for number in range(count)]})


def test_distance_and_length_by_hand():
    frozen = np.array([[3.0, 4.0], [0.0, 5.0]], np.float32)
    found = feature_distortion(frozen, frozen + np.array([[3, 4], [0, 1]], np.float32))
    assert found == {"count": 2, "distance": pytest.approx(3), "relative": pytest.approx(0.6)}


def test_a_scale_of_the_features_leaves_the_relative_distance():
    numbers = np.random.default_rng(0)
    frozen, refined = numbers.normal(size=(2, 30, 8))
    once, tenfold = feature_distortion(frozen, refined), feature_distortion(10 * frozen, 10 * refined)
    assert tenfold["relative"] == pytest.approx(once["relative"])
    assert tenfold["distance"] == pytest.approx(10 * once["distance"])


def test_images_are_labelled_or_not_and_never_both():
    rows = pool(50)
    found = sample_images(rows, {"image 3", "image 40"}, "digits")
    assert sorted(found["labelled"]["sample_id"]) == ["image 3", "image 40"]
    assert set(found["unlabelled"]["sample_id"]) == set(rows["sample_id"]) - {"image 3", "image 40"}


def test_every_selection_is_measured_on_the_same_unlabelled_images():
    rows = pool(3 * SAMPLE)
    some, other = (
        sample_images(rows, {f"image {number}" for number in range(start, start + 50)}, "digits")
        for start in (0, 1000)
    )
    assert len(some["unlabelled"]) == SAMPLE
    common = set(some["unlabelled"]["sample_id"]) & set(other["unlabelled"]["sample_id"])
    assert len(common) > SAMPLE - 100
    another = sample_images(rows, set(), "cifar10")["unlabelled"]
    assert list(another["sample_id"]) != list(sample_images(rows, set(), "digits")["unlabelled"]["sample_id"])


def test_many_labelled_images_are_sampled_too():
    rows = pool(3 * SAMPLE)
    found = sample_images(rows, set(rows["sample_id"][: 2 * SAMPLE]), "digits")
    assert [len(found[kind]) for kind in ("labelled", "unlabelled")] == [SAMPLE, SAMPLE]


def test_an_untouched_backbone_has_no_distortion_and_a_moved_one_has():
    images = np.random.default_rng(0).integers(0, 256, (5, 16, 16, 3), np.uint8)
    frozen, same, moved = classifier()[0], classifier()[0], perturb(classifier()[0])
    cpu = torch.device("cpu")
    batches = [images[:3], images[3:]]
    still = measure(frozen.backbone, same.backbone, batches, SPEC, cpu, "fp32")
    assert still == {"count": 5, "distance": 0.0, "relative": 0.0}
    assert measure(frozen.backbone, moved.backbone, iter(batches), SPEC, cpu, "fp32")["relative"] > 0.01
