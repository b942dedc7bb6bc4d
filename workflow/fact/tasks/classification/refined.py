"""Refined features: what a tuned backbone gives, written to a file or streamed to whoever scores."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch

from fact.backbones.extraction import extract
from fact.data.image_reader import ImageReader, labels_of
from fact.features.checks import refuse_non_finite
from fact.features.dump import Extraction, Extractor, dump_features
from fact.features.store import open_batches
from fact.infra.errors import ArtifactError
from fact.infra.fields import Settings
from fact.infra.files.record import read_record
from fact.infra.files.sha256 import file_sha256
from fact.tasks.classification.scored_images import open_scored_images
from fact.training.checkpoint import load_checkpoint

# pooled vectors (b, D) float32 and tokens (b, H, W, C)
FeatureBatch = tuple[np.ndarray, np.ndarray]


class TestFeatures(NamedTuple):
    """Class indices (N,) of the test images, and their features in the same order, batch by batch."""

    labels: np.ndarray
    batches: Iterable[FeatureBatch]


@dataclass(frozen=True)
class Refinement:
    """A checkpoint's backbone, ready to extract: paths of it, its weights and its source, and settings.

    ``decoded``: the file of the decoded test images, where there is one.
    """

    checkpoint: Path
    weights: Path
    source: Path
    settings: Extraction
    device: torch.device
    workers: int
    decoded: Path | None = None

    def dump(self, path: Path, rows: pd.DataFrame, attributes: Settings, *, tokens: bool = True) -> None:
        """Publish pooled vectors of manifest rows, and tokens if asked; ``attributes`` are the file's."""
        extractor, reader = self._loaded
        extractor = replace(extractor, tokens=tokens)
        size, split = self.settings.batch_size, attributes["split"]
        provenance = {**attributes["provenance"], "checkpoint_sha256": self._checkpoint_sha256}
        dump_features(
            path,
            extractor,
            batches=reader.batches(rows, size, f"{split} features"),
            rows=rows,
            attributes={**attributes, "provenance": provenance},
        )

    def stream(self, rows: pd.DataFrame) -> TestFeatures:
        """Return features of the test images' rows that are computed as they are read, and stored nowhere.

        They are those that a file of them would hold, to the bit.
        """
        return TestFeatures(labels_of(rows), self._computed(rows))

    def _computed(self, rows: pd.DataFrame) -> Iterator[FeatureBatch]:
        extractor, reader = self._loaded
        settings, ids, done = self.settings, list(rows["sample_id"]), 0
        images = open_scored_images(
            reader, rows, extractor.spec, transform=settings.reading.transform, decoded=self.decoded
        )
        outputs = extract(
            extractor.backbone,
            images.batches(settings.batch_size, self.device),
            spec=extractor.spec,
            device=self.device,
            precision=settings.precision,
            compile=settings.compile,
            tokens=True,
        )
        for values in outputs:
            batch = ids[done : (done := done + len(values[0]))]
            pooled, tokens = (self._rounded(part, batch) for part in values)
            yield pooled.astype(np.float32), tokens

    def _rounded(self, values: np.ndarray | None, sample_ids: list[str]) -> np.ndarray:
        """Return values in the dtype that features are stored in, and refuse what it cannot hold."""
        if values is None:
            raise ArtifactError(f"{self.checkpoint}: this backbone gives no tokens; no head can read them")
        with np.errstate(over="ignore"):
            stored = values.astype(self.settings.store_dtype)
        problem = f"{self.checkpoint}: a test image gives NaN, infinity or more than {stored.dtype} holds"
        refuse_non_finite(stored, sample_ids, f"{problem}; set run.store_dtype to float32")
        return stored

    @cached_property
    def _checkpoint_sha256(self) -> str:
        return file_sha256(self.checkpoint)

    @cached_property
    def _loaded(self) -> tuple[Extractor, ImageReader]:
        classifier, spec = load_checkpoint(self.checkpoint, self.weights.parent)
        reader = ImageReader(read_record(self.source), self.settings.reading, spec, workers=self.workers)
        extractor = Extractor(classifier.backbone, spec, self.settings, device=self.device, tokens=True)
        return extractor, reader


def read_refinement(
    files: Mapping[str, str], settings: Extraction, device: torch.device, workers: int
) -> Refinement:
    """Return the refinement of a job whose inputs have ``checkpoint``, ``weights`` and ``source``.

    ``decoded`` may be among them.
    """
    checkpoint, weights, source = (Path(files[name]) for name in ("checkpoint", "weights", "source"))
    decoded = Path(files["decoded"]) if files.get("decoded") else None
    return Refinement(checkpoint, weights, source, settings, device=device, workers=workers, decoded=decoded)


def check_lineage(checkpoint: Path, split: str, attributes: Settings) -> None:
    """Raise ArtifactError unless a features file of these attributes was made by this very checkpoint."""
    wanted = file_sha256(checkpoint)
    made_by = json.loads(attributes["provenance"]).get("checkpoint_sha256")
    if made_by != wanted:
        raise ArtifactError(
            f"the refined {split} features come from checkpoint {made_by}, "
            f"not from {checkpoint} ({wanted}); "
            "delete them and run again"
        )


def stored_test(path: Path, checkpoint: Path) -> TestFeatures:
    """Return features of the test images from their file, which is read batch by batch.

    Raises ArtifactError, while they are read, where the file is damaged or another checkpoint's.
    """
    with open_batches(path, expect={"split": "test"}) as file:
        labels = file.labels
    return TestFeatures(labels, _read(path, checkpoint))


def _read(path: Path, checkpoint: Path) -> Iterator[FeatureBatch]:
    with open_batches(path, expect={"split": "test"}) as file:
        check_lineage(checkpoint, "test", file.attributes)
        yield from file.batches()
