"""Text embeddings as a file and in the space of features."""

from pathlib import Path

import numpy as np
import pytest
from fact.infra.files.tensors import publish_tensors
from fact.selection.texts.embeddings import (
    TextEmbeddings,
    into_feature_space,
    read_embeddings,
    texts_of_images,
    write_embeddings,
)
from sklearn.linear_model import Ridge

DRAW = np.random.default_rng(0)
VECTORS = DRAW.standard_normal((4, 6)).astype(np.float32)


@pytest.mark.parametrize("kind", ["class", "image"])
def test_they_come_back_from_their_file(tmp_path: Path, kind: str) -> None:
    write_embeddings(tmp_path / "a.safetensors", TextEmbeddings(kind, VECTORS), {"model": "clip"})
    found = read_embeddings(tmp_path / "a.safetensors")
    assert found.kind == kind and np.array_equal(found.vectors, VECTORS)


def test_other_tensors_are_refused(tmp_path: Path) -> None:
    import torch

    publish_tensors(tmp_path / "a.safetensors", {"weight": torch.zeros(2)}, {"kind": "class"})
    with pytest.raises(ValueError, match="holds no text embeddings"):
        read_embeddings(tmp_path / "a.safetensors")


def test_images_get_the_text_of_their_class_or_their_own() -> None:
    classes = np.array([3, 0, 3, 1])
    assert np.array_equal(texts_of_images(TextEmbeddings("class", VECTORS), classes), VECTORS[classes])
    assert np.array_equal(texts_of_images(TextEmbeddings("image", VECTORS), classes), VECTORS)


def test_numbers_that_do_not_match_are_refused() -> None:
    with pytest.raises(ValueError, match="4 class captions for class 4"):
        texts_of_images(TextEmbeddings("class", VECTORS), np.array([4]))
    with pytest.raises(ValueError, match="4 captions for 1 images"):
        texts_of_images(TextEmbeddings("image", VECTORS), np.array([0]))


def test_texts_of_the_same_width_stay_as_they_are() -> None:
    texts = DRAW.standard_normal((5, 6)).astype(np.float32)
    assert into_feature_space(texts, np.ones((5, 6), np.float32), np.array([0]), 1.0) is texts


@pytest.mark.parametrize("pairs", [3, 40])
def test_other_widths_are_mapped_by_ridge_regression(pairs: int) -> None:
    texts, features = DRAW.standard_normal((50, 12)), DRAW.standard_normal((50, 7))
    rows = np.arange(pairs)
    expected = Ridge(alpha=0.5).fit(texts[rows], features[rows]).predict(texts)
    assert np.allclose(into_feature_space(texts, features, rows, 0.5), expected, atol=1e-4)
