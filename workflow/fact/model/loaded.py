"""A model in memory: ``fact.load_model(folder).predict(images)``."""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, cast

import numpy as np
import torch

from fact.backbones.extraction import run_batches
from fact.backbones.spec import ImageInput
from fact.config.declared import FROZEN
from fact.data.images import resize_image
from fact.device import best_device, to_device
from fact.infra.errors import ArtifactError
from fact.infra.fields import read_fields
from fact.model.classifier import FactClassifier
from fact.model.decoding import Batch, decoded_batches
from fact.model.folder import read_model
from fact.model.likeness import Seen

BATCH = 64


class Prediction(NamedTuple):
    """What a model says of one image; ``label`` and ``probability`` are None where ``status`` is not ok.

    ``top``: the likeliest classes with their probabilities, best first.
    """

    path: str
    status: str
    label: str | None
    probability: float | None
    top: list[tuple[str, float]]


class Model:
    """A delivered model on a device. ``classes``: names in the order of its logits."""

    def __init__(self, classifier: FactClassifier, config: dict, device: torch.device) -> None:
        self.classifier = to_device(classifier, device)
        self.config, self.device = config, device
        self.classes: list[str] = config["classes"]
        self.preprocessing: dict = config["preprocessing"]
        self.input = read_fields(ImageInput, self.preprocessing, "preprocessing", error=ArtifactError)

    def predict(
        self, images: Sequence[str | os.PathLike | np.ndarray], *, top_k: int = 3, workers: int | None = None
    ) -> list[Prediction]:
        """Return predictions of paths, or of uint8 RGB arrays (height, width, 3), in their order.

        A file that cannot be used has the reason as its ``status``. Raises TypeError for anything else.
        """
        if isinstance(images, str | os.PathLike) or getattr(images, "ndim", 4) != 4:
            raise TypeError("predict takes a list of paths or of images; for one image give [image]")
        if len(images) == 0:
            return []
        if isinstance(images[0], np.ndarray):
            batch = self._batch_of(cast("Sequence[np.ndarray]", images))
            return _rows(batch, self.probabilities(batch.images), self, top_k=top_k)
        files = [os.fspath(path) for path in cast("Sequence[str | os.PathLike[str]]", images)]
        paths = [os.path.abspath(file).lstrip("/") for file in files]
        batches = decoded_batches(
            Path("/"), paths, self.preprocessing, batch_size=BATCH, workers=workers or _cores()
        )
        result = (row for batch in self.predict_batches(batches, top_k) for row in batch)
        return [row._replace(path=file) for file, row in zip(files, result, strict=True)]

    def predict_batches(
        self, batches: Iterable[Batch], top_k: int, seen: Seen | None = None
    ) -> Iterator[list[Prediction]]:
        """Yield predictions of every file of each batch, bad ones included; ``seen`` takes in what they are
        like.
        """
        for batch in batches:
            probabilities, vectors = self.look(batch.images)
            if seen:
                seen.add(probabilities, vectors)
            yield _rows(batch, probabilities, self, top_k=top_k)

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """Return calibrated probabilities (n, K) float32 of uint8 images (n, S, S, 3) of the model's size."""
        return self.look(images)[0]

    def look(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return calibrated probabilities (n, K) and the backbone's pooled vectors (n, D), float32.

        ``images``: uint8 (n, S, S, 3) of the model's size; of none the vectors are (0, 0).
        """
        if len(images) == 0:
            return np.empty((0, len(self.classes)), np.float32), np.empty((0, 0), np.float32)
        ((probabilities, vectors),) = run_batches(
            self._forward, [images], self.input, device=self.device, precision="fp32"
        )
        return probabilities, vectors

    @property
    def reads_frozen_vectors(self) -> bool:
        """Whether the model needs no more of an image than the pretrained backbone's pooled vector."""
        return self.config["recipe"] == FROZEN and not self.classifier.whole_head.reads_tokens

    def probabilities_of_vectors(self, pooled: np.ndarray) -> np.ndarray:
        """Return calibrated probabilities (n, K) float32 of the backbone's pooled vectors (n, D)."""
        with torch.inference_mode():
            logits = self.classifier.whole_head.logits(torch.from_numpy(pooled).to(self.device))
            return logits.softmax(1).cpu().numpy()

    def _forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        logits, pooled = self.classifier.logits_and_pooled(images)
        return logits.softmax(1), pooled

    def _batch_of(self, images: Sequence[np.ndarray]) -> Batch:
        for image in images:
            if not isinstance(image, np.ndarray) or image.dtype != np.uint8 or image.shape[2:] != (3,):
                raise TypeError("images are uint8 arrays (height, width, 3), RGB; paths go into another list")
        options = self.preprocessing
        size = (options["image_size"], options["interpolation"], options["transform"])
        pixels = np.stack([resize_image(image, *size) for image in images])
        return Batch([""] * len(images), ["ok"] * len(images), pixels)


def load_model(folder: str | os.PathLike, device: str | None = None) -> Model:
    """Return the model that lies in ``folder``, on a GPU where there is one.

    Raises FileNotFoundError, and ArtifactError for a folder that is damaged or of another kind.
    """
    classifier, config = read_model(Path(folder))
    return Model(classifier, config, torch.device(device) if device else best_device())


def _rows(batch: Batch, probabilities: np.ndarray, model: Model, top_k: int) -> list[Prediction]:
    values = iter(probabilities)
    return [
        _prediction(path, next(values), model.classes, top_k=top_k)
        if status == "ok"
        else Prediction(path, status, None, probability=None, top=[])
        for path, status in zip(batch.paths, batch.statuses, strict=True)
    ]


def _prediction(path: str, probabilities: np.ndarray, classes: list[str], top_k: int) -> Prediction:
    order = np.argsort(-probabilities, kind="stable")[: max(top_k, 1)]
    top = [(classes[index], float(probabilities[index])) for index in order]
    return Prediction(path, "ok", *top[0], top)


def _cores() -> int:
    return len(os.sched_getaffinity(0))
