"""Small data sets of images with masks, and settings small enough for seconds."""

from pathlib import Path

import numpy as np
from PIL import Image

DECODER = {
    "channels": 8,
    "auxiliary_channels": 4,
    "auxiliary_level": 3,
    "neck_channels": None,
    "pool_scales": [1, 2],
    "dropout": 0.1,
}
IMAGES = {"crop_size": 32, "augmentation": {"scale": [0.5, 2.0], "flip": 0.5, "max_share": 0.75}}
TRAINING = {
    "iterations": 6,
    "batch_size": 2,
    "learning_rate": 1e-3,
    "head_factor": 2.0,
    "betas": [0.9, 0.999],
    "weight_decay": 0.01,
    "warmup_iterations": 1,
    "warmup_factor": 1e-6,
    "power": 1.0,
    "auxiliary_weight": 0.4,
    "clip_norm": None,
    "drop_path": 0.1,
    "freeze_batchnorm": True,
    "precision": "fp32",
    "report_every": 2,
    "tuner": "full",
}
COLOURS = np.array([[200, 40, 40], [40, 200, 40], [40, 40, 200]], np.uint8)


def scene(seed: int, size: tuple[int, int] = (40, 32), classes: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """An image uint8 (h, w, 3) of noisy coloured stripes and its mask uint8 (h, w); ``size`` is (w, h)."""
    random = np.random.default_rng(seed)
    width, height = size
    mask = np.broadcast_to((np.arange(width) // 8 + seed) % classes, (height, width)).astype(np.uint8)
    noise = random.integers(-20, 21, (height, width, 3))
    return np.clip(COLOURS[mask % 3].astype(int) + noise, 0, 255).astype(np.uint8), mask


def write_pair(root: Path, split: str, name: str, image: np.ndarray, mask: np.ndarray) -> None:
    """images/{split}/{name}.png and annotations/{split}/{name}.png."""
    for folder, pixels in (("images", image), ("annotations", mask)):
        path = root / folder / split / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)


def write_folder(root: Path, pool: int = 4, test: int = 2) -> Path:
    """A folder for source ``mask_folder``: stripes of three classes."""
    for split, count, first in (("train", pool, 0), ("test", test, 100)):
        for number in range(count):
            write_pair(root, split, f"{number}", *scene(first + number))
    return root


def write_ade20k(root: Path, pool: int = 6, test: int = 2, classes: int = 3) -> Path:
    """ADE20k in its real layout: JPEG images, masks of 0 (ignored) and 1..150, and the table of names."""
    for split, count, short in (("training", pool, "train"), ("validation", test, "val")):
        for number in range(count):
            image, mask = scene(number, (48, 40), classes)
            mask = mask + 1
            mask[:2] = 0
            name = f"ADE_{short}_{number + 1:08d}"
            for folder, pixels, suffix in (("images", image, "jpg"), ("annotations", mask, "png")):
                path = root / folder / split / f"{name}.{suffix}"
                path.parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(pixels).save(path)
    lines = ["Idx\tRatio\tTrain\tVal\tStuff\tName"]
    lines += [f"{number}\t0.1\t10\t1\t0\tthing {number}, object {number}" for number in range(1, 151)]
    (root / "objectInfo150.txt").write_text("\n".join(lines) + "\n")
    return root
