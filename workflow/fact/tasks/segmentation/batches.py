"""What an iteration trains on: random crops of images, or rows of a maps file, augmented by FroFA or not."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from fact.backbones.extraction import Normaliser
from fact.backbones.spec import ImageInput
from fact.seeds import derive_seed
from fact.tasks.segmentation.crops import Example, random_crop
from fact.tasks.segmentation.iterations import Sample, batch_members
from fact.tasks.segmentation.maps import MapFile
from fact.tasks.segmentation.settings import Crops
from fact.training.frofa.views import View, augment_tokens
from fact.training.heads.spec import Frofa


def sample_crops(
    examples: Sequence[Example], spec: ImageInput, crops: Crops, batch_size: int, seed: int
) -> Sample:
    """Return a sampler of batches of normalised random crops."""

    normaliser = Normaliser(spec.mean, spec.std, examples[0].image.device)

    def sample(iteration: int) -> tuple[Tensor, Tensor]:
        generator = Generator().manual_seed(derive_seed(seed, iteration, "crops"))
        members = batch_members(len(examples), batch_size, iteration, seed=seed)
        drawn = [random_crop(examples[member], crops, generator) for member in members]
        images = normaliser(torch.stack([crop.image for crop in drawn]))
        inside = torch.stack([crop.inside for crop in drawn])
        masks = torch.stack([crop.mask for crop in drawn])
        return (images * inside[:, None]).contiguous(memory_format=torch.channels_last), masks

    return sample


@dataclass(frozen=True)
class MapRows:
    """Rows of a maps file, augmented by FroFA with ``strength`` where that is above 0."""

    file: MapFile
    rows: Sequence[int]
    frofa: Frofa | None = None
    strength: float = 0.0

    @property
    def fingerprint(self) -> list[object]:
        """What tells these rows from others, plain JSON."""
        frofa = self.frofa
        settings = [] if frofa is None else [frofa.variant, frofa.views, frofa.ops, frofa.draw]
        return [list(self.rows), self.strength, settings, self.file.content]


def sample_maps(maps: MapRows, batch_size: int, seed: int, device: torch.device) -> Sample:
    """Return a sampler of batches of these rows, :func:`augment_pyramid` applied."""

    def sample(iteration: int) -> tuple[list[Tensor], Tensor]:
        members = batch_members(len(maps.rows), batch_size, iteration, seed=seed)
        pyramid, masks = maps.file.read([maps.rows[member] for member in members], device)
        if maps.frofa is not None and maps.strength > 0:
            pyramid = augment_pyramid(
                pyramid, maps.frofa, strength=maps.strength, seed=derive_seed(seed, iteration, "frofa")
            )
        return pyramid, masks

    return sample


def augment_pyramid(pyramid: Sequence[Tensor], frofa: Frofa, strength: float, seed: int) -> list[Tensor]:
    """Return maps (b, C, h, w) after FroFA, each level with random numbers of its own.

    One image in ``frofa.views + 1``, the same in all levels, stays as it is.
    """
    count = len(pyramid[0])
    generator = Generator().manual_seed(seed)
    kept = torch.rand(count, generator=generator) < 1 / (frofa.views + 1)
    kept = kept.to(pyramid[0].device)[:, None, None, None]
    slots = [str(slot) for slot in range(count)]
    changed = []
    for number, level in enumerate(pyramid):
        view = View(strength, derive_seed(seed, number))
        tokens = augment_tokens(level.permute(0, 2, 3, 1), slots, frofa=frofa, view=view)
        changed.append(torch.where(kept, level, tokens.permute(0, 3, 1, 2)))
    return changed
