"""Training crops from the square of 224 and from images of up to 448: source pixels, fidelity and time.

    python tests/benchmarks/bench_crops.py FOLDER [--images 64] [--crops 20] [--transform crop]

FOLDER holds photographs (.jpg, .png). Prints, for ``source_scale`` 1 and 2 and for the originals, quantiles
of the side of a crop in source pixels (the root of its area) and the share of crops with fewer than 224; the
mean absolute difference of crops (0..255) to those that Pillow cuts from the original; and the processor
milliseconds that an image of a step takes.
"""

import argparse
import os
import time
from pathlib import Path

import numpy as np
import torch
from fact.data.images import Resize
from fact.training.augment import augment_images, crop_boxes
from fact.training.settings import Augmentation
from fact.training.sized_images import SizedImages, pack_images
from PIL import Image
from torch import Generator, Tensor

SIDE = 224

SETTINGS = Augmentation(crop_scale=(0.08, 1.0), crop_ratio=(0.75, 1.3333), flip=0.0, interpolation="bicubic")


def original_crops(images: list[np.ndarray], boxes: Tensor) -> Tensor:
    """Crops that Pillow cuts from the originals' part that becomes the square."""
    crops = []
    for image, (x, y, width, height) in zip(images, boxes.tolist(), strict=True):
        rows, columns = image.shape[:2]
        box = (
            max(0.0, (x - width / 2) * columns),
            max(0.0, (y - height / 2) * rows),
            min(float(columns), (x + width / 2) * columns),
            min(float(rows), (y + height / 2) * rows),
        )
        crops.append(
            np.asarray(Image.fromarray(image).resize((SIDE, SIDE), Image.Resampling.BICUBIC, box=box))
        )
    return torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2).float()


def sides(boxes: Tensor, sizes: Tensor) -> np.ndarray:
    return (boxes[:, 2:] * sizes).prod(1).sqrt().numpy()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--images", type=int, default=64)
    parser.add_argument("--crops", type=int, default=20)
    parser.add_argument("--transform", default="crop")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    files = sorted(path for path in asked.folder.rglob("*") if path.suffix in (".jpg", ".png"))
    files = files[:: max(1, len(files) // asked.images)][: asked.images]
    resize = Resize(SIDE, "bicubic", asked.transform)
    pixels = [np.asarray(Image.open(path).convert("RGB")) for path in files]
    # the part of each original that becomes the square, at its own size
    parts = [resize.apply_larger(image, 1000.0) for image in pixels]
    sources: dict[str, Tensor | SizedImages] = {
        f"source_scale {scale}": pack_images((resize.apply_larger(image, scale) for image in pixels), SIDE)
        for scale in (1, 2)
    }
    print(
        f"{len(files)} images, first {pixels[0].shape[1]} × {pixels[0].shape[0]}, {asked.crops} crops of each"
    )
    found: dict[str, list[np.ndarray]] = {name: [] for name in (*sources, "original")}
    differences: dict[str, list[float]] = {name: [] for name in sources}
    seconds = dict.fromkeys(sources, 0.0)
    for number in range(asked.crops):
        boxes = crop_boxes(
            len(files), (0.08, 1.0), ratio=(0.75, 1.3333), generator=Generator().manual_seed(number)
        )
        expected = original_crops(parts, boxes)
        own = torch.tensor([part.shape[1::-1] for part in parts])
        found["original"].append(sides(boxes, own))
        for name, source in sources.items():
            sizes = source.sizes if isinstance(source, SizedImages) else torch.full((len(files), 2), SIDE)
            found[name].append(sides(boxes, sizes))
            started = time.process_time()
            crops = augment_images(source, SETTINGS, Generator().manual_seed(number))
            seconds[name] += time.process_time() - started
            differences[name].append((crops - expected).abs().mean().item())
    for name, values in found.items():
        all_sides = np.concatenate(values)
        quantiles = ", ".join(f"{value:.0f}" for value in np.quantile(all_sides, (0.1, 0.5, 0.9)))
        line = (
            f"{name}: side of a crop {quantiles} px (10, 50, 90 %), below 224: {(all_sides < 224).mean():.0%}"
        )
        if name in sources:
            each = 1000 * seconds[name] / (asked.crops * len(files))
            line += f"; off by {np.mean(differences[name]):.2f}; {each:.1f} ms per image"
        print(line)
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
