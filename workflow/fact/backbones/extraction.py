"""Extract features, frozen or refined: run a backbone over images in batches."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

import numpy as np
import torch
from torch import Tensor

from fact.backbones.compiling import compiled
from fact.backbones.interface import Backbone
from fact.backbones.memory import MicroBatch
from fact.backbones.spec import ImageInput
from fact.device import autocast, products_of, send, to_device

Forward = Callable[[Tensor], tuple[Tensor, ...]]


class Normaliser:
    """Brings images to a backbone's input range; its tensors are made once."""

    def __init__(self, mean: Sequence[float], std: Sequence[float], device: torch.device) -> None:
        self.centre = torch.tensor(mean, device=device).view(1, 3, 1, 1) * 255
        self.spread = torch.tensor(std, device=device).view(1, 3, 1, 1) * 255

    def __call__(self, images: Tensor) -> Tensor:
        """Return uint8 or float images (B, 3, S, S) in 0..255 as float32 in the backbone's range."""
        return (images.float() - self.centre) / self.spread


def normalise(images: Tensor, mean: Sequence[float], std: Sequence[float]) -> Tensor:
    """Bring uint8 or float images (B, 3, S, S) in 0..255 to the backbone's input range, float32."""
    return Normaliser(mean, std, images.device)(images)


def to_tensor(images: np.ndarray | Tensor, device: torch.device) -> Tensor:
    """Return uint8 images (B, S, S, 3) as a (B, 3, S, S) tensor on the device, channels last in memory."""
    tensor = images if isinstance(images, Tensor) else torch.from_numpy(images)
    return send(tensor, device).permute(0, 3, 1, 2)


def extract(
    backbone: Backbone,
    batches: Iterable[np.ndarray | Tensor],
    spec: ImageInput,
    device: torch.device,
    *,
    precision: str = "auto",
    tokens: bool = False,
    compile: bool = False,
) -> Iterator[tuple[np.ndarray, np.ndarray | None]]:
    """Yield ``pooled (b, D)`` and, if asked, ``tokens (b, H, W, C)`` of each uint8 batch (b, S, S, 3).

    Both are float32; the backbone is left on the device, in eval mode. ``compile``: through torch.compile.
    Raises MachineError where that is asked for and impossible.
    """
    # outside inference mode, where moved weights could never be trained again
    backbone = to_device(backbone, device).eval()
    forward = backbone.pooled_and_tokens if tokens else lambda images: (backbone(images),)
    forward = compiled(forward, device) if compile else forward
    for pooled, *grid in run_batches(forward, batches, spec=spec, device=device, precision=precision):
        yield pooled, grid[0] if grid else None


def run_batches(
    forward: Forward,
    batches: Iterable[np.ndarray | Tensor],
    spec: ImageInput,
    device: torch.device,
    precision: str,
) -> Iterator[tuple[np.ndarray, ...]]:
    """Yield the outputs of ``forward``, float32, for each uint8 batch (b, S, S, 3) of images.

    ``forward`` takes normalised images (b, 3, S, S). A batch that a GPU's memory cannot take goes through
    in micro-batches.
    """
    micro_batch, normaliser = MicroBatch(sys.maxsize), Normaliser(spec.mean, spec.std, device)
    for batch in batches:
        with products_of(device, precision):
            outputs = micro_batch.fit(
                len(batch), partial(_outputs, forward, batch, normaliser, device, precision)
            )
        yield outputs


@torch.inference_mode()
def _outputs(
    forward: Forward,
    batch: np.ndarray | Tensor,
    normaliser: Normaliser,
    device: torch.device,
    precision: str,
    size: int,
) -> tuple[np.ndarray, ...]:
    rows = []
    for start in range(0, len(batch), size):
        images = normaliser(to_tensor(batch[start : start + size], device))
        with autocast(device, precision):
            rows.append([_array(values) for values in forward(images)])
    return tuple(np.concatenate(column) for column in zip(*rows, strict=True))


def _array(values: Tensor) -> np.ndarray:
    return values.float().cpu().contiguous().numpy()
