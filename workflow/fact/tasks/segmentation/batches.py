"""What an iteration trains on: random crops of images, or rows of a maps file, augmented by FroFA or not."""

from collections.abc import Sequence

import torch
from torch import Generator, Tensor

from fact.backbones.extraction import normalise
from fact.seeds import derive_seed
from fact.tasks.segmentation.crops import Example, random_crop
from fact.tasks.segmentation.loop import Draw, batch_members
from fact.tasks.segmentation.maps import MapFile
from fact.training.frofa.views import augment
from fact.training.heads.spec import Frofa


def crops_of(examples: Sequence[Example], spec: dict, settings: dict, seed: int) -> Draw:
    """Batches of normalised random crops; ``settings``: ``batch_size``, ``crop_size``, ``augmentation``."""

    def draw(iteration: int) -> tuple[Tensor, Tensor]:
        generator = Generator().manual_seed(derive_seed(seed, iteration, "crops"))
        members = batch_members(len(examples), settings["batch_size"], iteration, seed)
        crops = [
            random_crop(examples[member], settings["crop_size"], settings["augmentation"], generator)
            for member in members
        ]
        images = normalise(torch.stack([crop.image for crop in crops]), spec["mean"], spec["std"])
        inside = torch.stack([crop.inside for crop in crops])
        masks = torch.stack([crop.mask for crop in crops])
        return (images * inside[:, None]).contiguous(memory_format=torch.channels_last), masks

    return draw


def maps_of(
    file: MapFile,
    rows: Sequence[int],
    settings: dict,
    seed: int,
    device: torch.device,
    frofa: Frofa | None = None,
    strength: float = 0.0,
) -> Draw:
    """Batches of these rows of a maps file, :func:`augmented` where ``strength`` is above 0."""

    def draw(iteration: int) -> tuple[list[Tensor], Tensor]:
        members = batch_members(len(rows), settings["batch_size"], iteration, seed)
        levels, masks = file.read([rows[member] for member in members], device)
        if frofa is not None and strength > 0:
            levels = augmented(levels, frofa, strength, derive_seed(seed, iteration, "frofa"))
        return levels, masks

    return draw


def augmented(levels: Sequence[Tensor], frofa: Frofa, strength: float, seed: int) -> list[Tensor]:
    """Levels (b, C, h, w) after FroFA, each level with random numbers of its own.

    One map in ``frofa.views + 1``, the same in all levels, stays as it is.
    """
    count = len(levels[0])
    generator = Generator().manual_seed(seed)
    kept = torch.rand(count, generator=generator) < 1 / (frofa.views + 1)
    kept = kept.to(levels[0].device)[:, None, None, None]
    changed = []
    for number, level in enumerate(levels):
        tokens = augment(
            level.permute(0, 2, 3, 1),
            [str(slot) for slot in range(count)],
            variant=frofa.variant,
            strength=strength,
            seed=derive_seed(seed, number),
            view=0,
            ops=frofa.ops,
            draw=frofa.draw,
        )
        changed.append(torch.where(kept, level, tokens.permute(0, 3, 1, 2)))
    return changed
