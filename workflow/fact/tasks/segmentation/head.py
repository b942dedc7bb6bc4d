"""The head alone, on maps of a frozen backbone: phase 1 from a random head, phase 3 from phase 2's.

The paper does not say how its third phase works for pixels. Here the whole head (neck, UPerNet, auxiliary)
is trained on from phase 2's, on maps augmented by FroFA. FroFA's strength is chosen inside the labelled
set: by folds of images, the loss on held-out ones. The backbone and the head that training starts from have
seen these images before, so that the held-out losses compare strengths and are no estimate of a score.
"""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from fact.data.masks import IGNORE
from fact.device import autocast
from fact.seeds import derive_seed
from fact.tasks.segmentation.batches import MapRows, sample_maps
from fact.tasks.segmentation.decoder import Decoder
from fact.tasks.segmentation.iterations import train_iterations
from fact.tasks.segmentation.maps import MapFile
from fact.tasks.segmentation.model import enlarge
from fact.tasks.segmentation.settings import HeadSearch, SegmentationTraining
from fact.training.computing import Computing
from fact.training.log import TrainingLog


def train_head(
    head: Decoder,
    maps: MapRows,
    training: SegmentationTraining,
    computing: Computing,
    history: TrainingLog,
) -> None:
    """Train a head in place on rows of a maps file."""
    head, device = head.to(computing.device), computing.device
    train_iterations(
        head,
        sample_maps(maps, training.batch_size, seed=computing.seed, device=device),
        settings=training,
        computing=computing,
        history=history,
        fingerprint=(training.plain, computing.seed, maps.fingerprint, *head.state_dict().values()),
    )


def choose_strength(
    head: Decoder, file: MapFile, search: HeadSearch, computing: Computing
) -> tuple[float, list[dict[str, float]]]:
    """Return FroFA's strength of the lowest held-out loss, and what was tried: strength and loss (nats per
    pixel).

    The head itself is not changed. Trials keep resume states beside the training's own: a finished one is not
    trained again.
    """
    folds = image_folds(file.sample_ids, search.folds, derive_seed(computing.seed, "folds"))
    strengths = search.frofa.strengths
    if len(strengths) == 1:
        return strengths[0], []
    if folds.max() < 1:
        return search.fallback_strength, []
    tried = [
        {
            "strength": strength,
            "held_out_loss": _trial_loss(
                head, file, folds=folds, strength=strength, search=search, computing=computing
            ),
        }
        for strength in strengths
    ]
    best = min(tried, key=lambda entry: entry["held_out_loss"])
    return best["strength"], tried


def _trial_loss(
    head: Decoder,
    file: MapFile,
    folds: np.ndarray,
    strength: float,
    search: HeadSearch,
    computing: Computing,
) -> float:
    """Return the mean loss, nats per pixel, on held-out images of heads trained with a strength."""
    total = pixels = 0.0
    for fold in range(int(folds.max()) + 1):
        inside, outside = (np.flatnonzero(rows).tolist() for rows in (folds != fold, folds == fold))
        trial = deepcopy(head)
        plan = computing.resume
        if plan is not None:
            plan = plan._replace(path=trial_path(plan.path, strength, fold))
        own = replace(computing, seed=derive_seed(computing.seed, fold), resume=plan)
        history = TrainingLog(label=f"strength {strength}, fold {fold}: ")
        train_head(
            trial,
            MapRows(file, inside, frofa=search.frofa, strength=strength),
            training=search.trial,
            computing=own,
            history=history,
        )
        fold_total, fold_pixels = held_out_loss(
            trial, file, rows=outside, settings=search.trial, device=computing.device
        )
        total, pixels = total + fold_total, pixels + fold_pixels
    return total / max(pixels, 1.0)


def trial_path(path: Path, strength: float, fold: int) -> Path:
    """Return where a trial keeps its state."""
    return path.with_name(f"{path.stem}-{strength}-{fold}{path.suffix}")


def discard_trials(path: Path) -> None:
    """Remove the states of all trials."""
    for state in path.parent.glob(f"{path.stem}-*{path.suffix}"):
        state.unlink(missing_ok=True)


def image_folds(sample_ids: Sequence[str], folds: int, seed: int) -> np.ndarray:
    """Return the fold of every row, int64; all rows of an image are in one.

    One image gives a single fold, 0.
    """
    images = list(dict.fromkeys(sample_ids))
    order = np.random.default_rng(seed).permutation(len(images))
    fold = {images[place]: number % min(folds, len(images)) for number, place in enumerate(order)}
    return np.array([fold[sample_id] for sample_id in sample_ids])


@torch.inference_mode()
def held_out_loss(
    head: Decoder, file: MapFile, rows: Sequence[int], settings: SegmentationTraining, device: torch.device
) -> tuple[float, float]:
    """Return the sum of the cross-entropy over the rows' pixels that have a class, and their number."""
    head.eval()
    total = pixels = 0.0
    for start in range(0, len(rows), settings.batch_size):
        pyramid, masks = file.read(rows[start : start + settings.batch_size], device)
        with autocast(device, settings.precision):
            logits, _ = head(pyramid)
        losses = F.cross_entropy(
            enlarge(logits, masks.shape[-2:]), masks, ignore_index=IGNORE, reduction="sum"
        )
        total += losses.item()
        pixels += float((masks != IGNORE).sum())
    return total, pixels
