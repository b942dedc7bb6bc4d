"""Out-of-fold logits: every labelled image seen by a model whose phases have all been fitted without it.

Whatever is chosen inside the phases (C, head, FroFA, attention) is chosen on the training part of a fold, by
a cross-validation of its own, so that the held-out images have no part in any choice.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from fact.infra.errors import ArtifactError
from fact.infra.files.tensors import publish_tensors, read_tensors
from fact.infra.process.progress import log
from fact.model.candidate_name import with_pool
from fact.model.labelled import LabelledImages
from fact.model.phases import Phases, fit_last_phase, labelled_features, tune_phases
from fact.model.pool_part import PoolPart
from fact.seeds import derive_seed
from fact.training.computing import Computing
from fact.training.heads.folds import labelled_folds

FORMAT = "fact-validation"
# heads on the labelled images alone, and on these and part of the pool
PLAIN, POOL = "plain", "pool"
# logits (m, K) of held-out images by kind of head
Logits = Mapping[str, np.ndarray]
FitFold = Callable[[LabelledImages, LabelledImages, int], Logits]


class Share(NamedTuple):
    """Every ``of``-th fold from ``part`` on: jobs side by side share the folds."""

    part: int
    of: int


EVERYTHING = Share(0, 1)
# of a recipe that is skipped
NOTHING = Share(1000, 1)


def out_of_fold(
    folds: int,
    data: LabelledImages,
    seed: int,
    fit_fold: FitFold,
    kept: "KeptFolds | None" = None,
    share: Share = EVERYTHING,
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return logits (n, K) float32 of each kind of head, NaN where ``fold`` (n,) is -1: the only image of its
    class, or no class has two; and in the folds that are not of this ``share``. Groups are held out whole.

    ``fit_fold(train, held_out, seed)`` gives the logits of the images ``held_out`` by a model fitted on
    ``train``. ``kept`` remembers folds that were done before an interruption.
    """
    fold = labelled_folds(data.labels, folds, derive_seed(seed, "folds"), data.numbers)
    done, result = kept.read() if kept else (0, {})
    for index in range(share.part, int(fold.max()) + 1, share.of):
        if index < done:
            continue
        log(f"fold {index + 1} of {int(fold.max()) + 1}")
        held_out = fold == index
        found = fit_fold(data.rows(~held_out), data.rows(held_out), derive_seed(seed, "fold", index))
        for name, logits in found.items():
            result.setdefault(name, np.full((len(fold), data.num_classes), np.nan, np.float32))
            result[name][held_out] = logits
        if kept:
            kept.write(result, index + 1)
    return result, fold


def fold_fitter(weights: Path, phases: Phases, computing: Computing, pool: PoolPart | None = None) -> FitFold:
    """Return ``fit_fold`` of :func:`out_of_fold` for these phases; each fold has a seed of its own.

    Without ``pool`` there are no heads on it. Both kinds share phases 1 and 2. No labelled image is among
    the pool's, so that a held-out one has no part in any fit, nor has an image of its group.
    """

    def fit_fold(train: LabelledImages, held_out: LabelledImages, seed: int) -> Logits:
        own = replace(computing, seed=seed)
        parts = {PLAIN: None} | ({POOL: pool.without(held_out.groups or ())} if pool else {})
        tuned = tune_phases(weights, train, phases, own)
        if computing.resume:
            computing.resume.discard()
        features, aside = (
            labelled_features(tuned, train, own.device),
            tuned.features(held_out.scored, own.device),
        )
        heads = {name: fit_last_phase(tuned, features, own, part)[0] for name, part in parts.items()}
        return {name: head.logits(*aside).numpy() for name, head in heads.items()}

    return fit_fold


class KeptFolds:
    """The folds that are done, at a path that Snakemake does not know and so does not delete."""

    def __init__(self, path: Path, key: str) -> None:
        self.path, self.key = path, key

    def read(self) -> tuple[int, dict[str, np.ndarray]]:
        """Return the number of folds done, and the logits that were kept of this very validation."""
        if not self.path.is_file():
            return 0, {}
        try:
            tensors, header = read_tensors(self.path)
        except ValueError as error:
            log(f"{error}; validation starts from its beginning")
            return 0, {}
        if header.get("key") != self.key:
            return 0, {}
        log(f"{header['done']} folds were done before")
        return header["done"], {name: value.numpy() for name, value in tensors.items()}

    def write(self, logits: Logits, done: int) -> None:
        tensors = {name: torch.from_numpy(values) for name, values in logits.items()}
        publish_tensors(self.path, tensors, {"key": self.key, "done": done})

    def discard(self) -> None:
        self.path.unlink(missing_ok=True)


def save_validation(path: Path, logits: Logits, fold: np.ndarray, metadata: dict) -> None:
    """Publish out-of-fold logits and folds; ``metadata`` (plain JSON) holds sample ids and settings."""
    tensors = {name: torch.from_numpy(values) for name, values in {**logits, "fold": fold}.items()}
    publish_tensors(path, tensors, {**metadata, "format": FORMAT})


def read_validation(path: Path) -> tuple[dict[str, np.ndarray], np.ndarray, dict]:
    """Read logits (n, K) by kind of head, folds (n,) and their metadata.

    Raises ArtifactError for another kind of file.
    """
    tensors, header = read_tensors(path)
    if header.get("format") != FORMAT:
        raise ArtifactError(f"{path} is no validation; delete it and run again")
    logits = {name: value.numpy() for name, value in tensors.items() if name != "fold"}
    return logits, tensors["fold"].numpy(), header


def read_validations(
    paths: Mapping[str, Sequence[str]], sample_ids: Sequence[str], classes: Sequence[str]
) -> tuple[dict[str, np.ndarray], np.ndarray, dict[str, str]]:
    """Return logits by recipe and kind of head (:func:`fact.model.candidate_name.with_pool`), the folds that
    they share, and why recipes were skipped.

    ``paths``: the shares of each recipe. Raises ArtifactError for one of other images, classes or folds.
    """
    logits: dict[str, np.ndarray] = {}
    folds: list[np.ndarray] = []
    skipped: dict[str, str] = {}
    for name, path in [(name, Path(path)) for name, shares in paths.items() for path in shares]:
        found, fold, header = read_validation(path)
        if header["sample_ids"] != list(sample_ids) or header["classes"] != list(classes):
            raise ArtifactError(f"{path} is of other labelled images; delete it and run again")
        folds.append(fold)
        if not np.array_equal(fold, folds[0]):
            raise ArtifactError(f"{path} has other folds than its peers; delete it and run again")
        if header.get("skipped"):
            skipped[name] = header["skipped"]
            continue
        for kind in found or (PLAIN,):
            own = with_pool(name, kind == POOL)
            logits.setdefault(own, np.full((len(fold), len(classes)), np.nan, np.float32))
            if found:
                held_out = ~np.isnan(found[kind]).any(axis=1)
                logits[own][held_out] = found[kind][held_out]
    return logits, folds[0], skipped
