"""Out-of-fold logits: every labelled image seen by a model whose phases have all been fitted without it.

Whatever is chosen inside the phases (C, head, FroFA, attention) is chosen on the training part of a fold, by
a cross-validation of its own, so that the held-out images have no part in any choice.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from fact.infra.errors import ArtifactError
from fact.infra.files.tensors import publish_tensors, read_tensors
from fact.infra.process.progress import log
from fact.model.labelled import LabelledImages
from fact.model.phases import Phases, fit_phases, logits_of
from fact.seeds import derive_seed
from fact.training.computing import Computing
from fact.training.heads.folds import labelled_folds

FORMAT = "fact-validation"


def out_of_fold(
    folds: int,
    data: LabelledImages,
    seed: int,
    fit_fold: Callable[[LabelledImages, np.ndarray, int], np.ndarray],
    kept: "KeptFolds | None" = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return logits (n, K) float32, NaN where ``fold`` (n,) is -1: the only image of its class, or no class
    has two.

    ``fit_fold(train, held_out, seed)`` gives the logits of uint8 images ``held_out`` by a model fitted on
    ``train``. ``kept`` remembers folds that were done before an interruption.
    """
    fold = labelled_folds(data.labels, folds, derive_seed(seed, "folds"))
    logits = np.full((len(fold), data.num_classes), np.nan, np.float32)
    done = kept.read(logits) if kept else 0
    for index in range(done, int(fold.max()) + 1):
        log(f"fold {index + 1} of {int(fold.max()) + 1}")
        held_out = fold == index
        train = data.rows(~held_out)
        logits[held_out] = fit_fold(train, data.scored[held_out], derive_seed(seed, "fold", index))
        if kept:
            kept.write(logits, index + 1)
    return logits, fold


def fold_fitter(
    weights: Path, phases: Phases, computing: Computing
) -> Callable[[LabelledImages, np.ndarray, int], np.ndarray]:
    """Return ``fit_fold`` of :func:`out_of_fold` for these phases; each fold has a seed of its own."""

    def fit_fold(train: LabelledImages, held_out: np.ndarray, seed: int) -> np.ndarray:
        fitted = fit_phases(weights, train, phases, computing=replace(computing, seed=seed))
        if computing.resume:
            computing.resume.discard()
        return logits_of(fitted, held_out, phases, device=computing.device)

    return fit_fold


class KeptFolds:
    """The folds that are done, at a path that Snakemake does not know and so does not delete."""

    def __init__(self, path: Path, key: str) -> None:
        self.path, self.key = path, key

    def read(self, logits: np.ndarray) -> int:
        """Fill in what was kept of this very validation; returns the number of folds done."""
        if not self.path.is_file():
            return 0
        try:
            tensors, header = read_tensors(self.path)
        except ValueError as error:
            log(f"{error}; validation starts from its beginning")
            return 0
        if header.get("key") != self.key:
            return 0
        logits[:] = tensors["logits"].numpy()
        log(f"{header['done']} folds were done before")
        return header["done"]

    def write(self, logits: np.ndarray, done: int) -> None:
        publish_tensors(self.path, {"logits": torch.from_numpy(logits)}, {"key": self.key, "done": done})

    def discard(self) -> None:
        self.path.unlink(missing_ok=True)


def save_validation(path: Path, logits: np.ndarray, fold: np.ndarray, metadata: dict) -> None:
    """Publish out-of-fold logits and folds; ``metadata`` (plain JSON) holds sample ids and settings."""
    tensors = {"logits": torch.from_numpy(logits), "fold": torch.from_numpy(fold)}
    publish_tensors(path, tensors, {**metadata, "format": FORMAT})


def read_validation(path: Path) -> tuple[np.ndarray, np.ndarray, dict]:
    """Read logits (n, K), folds (n,) and their metadata. Raises ArtifactError for another kind of file."""
    tensors, header = read_tensors(path)
    if header.get("format") != FORMAT:
        raise ArtifactError(f"{path} is no validation; delete it and run again")
    return tensors["logits"].numpy(), tensors["fold"].numpy(), header


def read_validations(
    paths: Mapping[str, str], sample_ids: Sequence[str], classes: Sequence[str]
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return logits by recipe, and the folds that they share.

    Raises ArtifactError for one of other images, classes or folds.
    """
    logits, folds = {}, []
    for name, path in paths.items():
        logits[name], fold, header = read_validation(Path(path))
        if header["sample_ids"] != list(sample_ids) or header["classes"] != list(classes):
            raise ArtifactError(f"{path} is of other labelled images; delete it and run again")
        folds.append(fold)
        if not np.array_equal(fold, folds[0]):
            raise ArtifactError(f"{path} has other folds than its peers; delete it and run again")
    return logits, folds[0]
