"""The head alone, on maps of a frozen backbone: phase 1 from a random head, phase 3 from phase 2's.

The paper does not say how its third phase works for pixels. Here the whole head (neck, UPerNet, auxiliary)
is trained on from phase 2's, on maps augmented by FroFA. FroFA's strength is chosen inside the labelled
set: by folds of images, the loss on held-out ones. The backbone and the head that training starts from have
seen these images before, so that the held-out losses compare strengths and are no estimate of a score.
"""

from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from fact.data.masks import IGNORE
from fact.device import autocast
from fact.infra.process.clock import Clock
from fact.seeds import derive_seed
from fact.tasks.segmentation.batches import maps_of
from fact.tasks.segmentation.decoder import Decoder
from fact.tasks.segmentation.loop import train
from fact.tasks.segmentation.maps import MapFile
from fact.tasks.segmentation.model import enlarge
from fact.training.heads.spec import Frofa
from fact.training.journal import Journal
from fact.training.resume import ResumePlan


def train_head(
    head: Decoder,
    file: MapFile,
    rows: Sequence[int],
    training: dict,
    seed: int,
    device: torch.device,
    journal: Journal,
    plan: ResumePlan,
    frofa: Frofa | None = None,
    strength: float = 0.0,
) -> None:
    """Train a head in place on these rows of a maps file, augmented with ``strength`` if above 0."""
    frofa_settings = [] if frofa is None else [frofa.variant, frofa.views, frofa.ops, frofa.draw]
    course = (training, seed, list(rows), strength, frofa_settings, file.content, *head.state_dict().values())
    train(
        head.to(device),
        maps_of(file, rows, training, seed, device, frofa, strength),
        training,
        seed,
        device,
        on_report=journal.on_report,
        resumption=journal.resumption(plan, *course),
    )


def choose_strength(
    head: Decoder,
    file: MapFile,
    frofa: Frofa,
    settings: dict,
    seed: int,
    device: torch.device,
    clock: Clock,
    plan: ResumePlan,
) -> tuple[float, list[dict]]:
    """FroFA's strength of the lowest held-out loss, and what was tried: strength and loss in nats a pixel.

    ``settings``: ``folds``, ``fallback_strength`` (for one labelled image) and ``search``, the training of
    each trial; the head itself is not changed. Trials keep resume states beside the plan's path: a finished
    one is not trained again.
    """
    folds = image_folds(file.sample_ids, settings["folds"], derive_seed(seed, "folds"))
    if len(frofa.strengths) == 1:
        return frofa.strengths[0], []
    if folds.max() < 1:
        return settings["fallback_strength"], []
    tried = []
    for strength in frofa.strengths:
        total = pixels = 0.0
        for fold in range(int(folds.max()) + 1):
            own = plan._replace(path=trial_path(plan.path, strength, fold))
            inside, outside = (np.flatnonzero(part).tolist() for part in (folds != fold, folds == fold))
            trial = deepcopy(head)
            journal = Journal(Clock(), f"strength {strength}, fold {fold}", settings["search"]["iterations"])
            train_head(
                trial, file, inside, settings["search"], derive_seed(seed, fold), device, journal, own,
                frofa, strength,
            )  # fmt: skip
            fold_total, fold_pixels = held_out_loss(trial, file, outside, settings["search"], device)
            total, pixels = total + fold_total, pixels + fold_pixels
        tried.append({"strength": strength, "held_out_loss": total / max(pixels, 1.0)})
    best = min(tried, key=lambda entry: entry["held_out_loss"])
    return best["strength"], tried


def trial_path(path: Path, strength: float, fold: int) -> Path:
    """Where a trial keeps its state."""
    return path.with_name(f"{path.stem}-{strength}-{fold}{path.suffix}")


def discard_trials(path: Path) -> None:
    """Remove the states of all trials."""
    for state in path.parent.glob(f"{path.stem}-*{path.suffix}"):
        state.unlink(missing_ok=True)


def image_folds(sample_ids: Sequence[str], folds: int, seed: int) -> np.ndarray:
    """The fold of every row, int64; all rows of an image are in one. One image gives a single fold, 0."""
    names = list(dict.fromkeys(sample_ids))
    order = np.random.default_rng(seed).permutation(len(names))
    fold = {names[place]: number % min(folds, len(names)) for number, place in enumerate(order)}
    return np.array([fold[name] for name in sample_ids])


@torch.inference_mode()
def held_out_loss(
    head: Decoder, file: MapFile, rows: Sequence[int], settings: dict, device: torch.device
) -> tuple[float, float]:
    """Sum of the cross-entropy over the pixels of these rows that have a class, and their number."""
    head.eval()
    total = pixels = 0.0
    for start in range(0, len(rows), settings["batch_size"]):
        levels, masks = file.read(rows[start : start + settings["batch_size"]], device)
        with autocast(device, settings["precision"]):
            logits, _ = head(levels)
        losses = F.cross_entropy(
            enlarge(logits, masks.shape[-2:]), masks, ignore_index=IGNORE, reduction="sum"
        )
        total += losses.item()
        pixels += float((masks != IGNORE).sum())
    return total, pixels
