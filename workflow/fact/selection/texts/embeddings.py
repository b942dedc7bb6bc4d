"""Text embeddings as a file, and one for each image of a pool."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from fact.infra.errors import ArtifactError
from fact.infra.files.checksum import REMEDY
from fact.infra.files.tensors import publish_tensors, read_tensors

KINDS = ("class", "image")


class TextEmbeddings(NamedTuple):
    """One vector per class or one per pool image, float32 (n, D)."""

    kind: str
    vectors: np.ndarray


def write_embeddings(path: Path, texts: TextEmbeddings, metadata: dict) -> None:
    """Publish embeddings with ``metadata`` (plain JSON): how they were made."""
    publish_tensors(path, {"vectors": torch.from_numpy(texts.vectors)}, {**metadata, "kind": texts.kind})


def read_embeddings(path: Path) -> TextEmbeddings:
    """Read embeddings.

    Raises FileNotFoundError, and ArtifactError for a file that is damaged or of another kind.
    """
    tensors, header = read_tensors(path)
    if header.get("kind") not in KINDS or set(tensors) != {"vectors"}:
        raise ArtifactError(f"{path} holds no text embeddings; {REMEDY}")
    return TextEmbeddings(header["kind"], tensors["vectors"].numpy())


def texts_of_images(texts: TextEmbeddings, classes: np.ndarray) -> np.ndarray:
    """Return the embedding of each image (N, D): its own, or that of the class it is given (N,).

    Raises ArtifactError where their numbers do not match.
    """
    if texts.kind == "class":
        if classes.max() >= len(texts.vectors):
            raise ArtifactError(
                f"{len(texts.vectors)} class captions for class {classes.max()}; embed them again"
            )
        return texts.vectors[classes]
    if len(texts.vectors) != len(classes):
        raise ArtifactError(f"{len(texts.vectors)} captions for {len(classes)} images; embed them again")
    return texts.vectors


def into_feature_space(
    texts: np.ndarray, features: np.ndarray, rows: np.ndarray, strength: float
) -> np.ndarray:
    """Return text embeddings (N, T) as vectors of the features' space (N, D), as they are where T = D.

    Elsewhere by ridge regression from text to image on the given ``rows``: W minimises
    Σ |W t - e|² + strength · |W|² on centred vectors, and the means are added back.
    """
    if texts.shape[1] == features.shape[1]:
        return texts
    pairs = texts[rows].astype(np.float64), features[rows].astype(np.float64)
    text_mean, image_mean = (values.mean(axis=0) for values in pairs)
    text, image = pairs[0] - text_mean, pairs[1] - image_mean
    # the dual form: as many unknowns as pairs, few where labels are scarce
    weights = np.linalg.solve(text @ text.T + strength * np.eye(len(rows)), image)
    return ((texts - text_mean) @ (text.T @ weights) + image_mean).astype(np.float32)
