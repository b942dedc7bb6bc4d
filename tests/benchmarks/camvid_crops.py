"""Cut CamVid's road scenes into images of one class each, larger than CIFAR-10's and unbalanced.

    python tests/benchmarks/camvid_crops.py CAMVID FOLDER    # CAMVID/{images,annotations}/{train,val,test}

Writes FOLDER/{train,test}/CLASS/SCENE.jpg; training and validation scenes become the pool. A scene gives
at most one image of each class: a square around its largest connected region with a quarter of context, 48
to 200 pixels wide, where the class covers 30 % of it or more. Thin classes (pole, pedestrian, bicyclist) are
left out. Nothing is drawn at random. Prints how many images each class has.
"""

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

# index of each class in CamVid's masks
CLASSES = {"sky": 0, "building": 1, "road": 3, "pavement": 4, "tree": 5, "sign": 6, "fence": 7, "car": 8}
SPLITS = {"train": "train", "val": "train", "test": "test"}
SMALLEST = 48
LARGEST = 200
CONTEXT = 1.25
COVERED = 0.3


def largest_region(mask: np.ndarray) -> tuple[slice, slice] | None:
    """Return rows and columns of the largest connected region of a mask bool (H, W), if any."""
    regions, count = ndimage.label(mask)
    if not count:
        return None
    sizes = np.bincount(regions.ravel())[1:]
    return ndimage.find_objects(regions)[int(sizes.argmax())]


def square_around(region: tuple[slice, slice], height: int, width: int) -> tuple[int, int, int]:
    """Return top, left and side of a square around a region, inside an image, 48 to 200 pixels wide."""
    rows, columns = region
    side = CONTEXT * max(rows.stop - rows.start, columns.stop - columns.start)
    side = int(min(max(side, SMALLEST), LARGEST, height, width))
    top, left = ((part.start + part.stop - side) // 2 for part in region)
    return min(max(top, 0), height - side), min(max(left, 0), width - side), side


def crops(image: np.ndarray, mask: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """Yield class names and square crops of an image uint8 (H, W, 3), at most one of each class."""
    for name, index in CLASSES.items():
        region = largest_region(mask == index)
        if region is None:
            continue
        top, left, side = square_around(region, *mask.shape)
        window = np.s_[top : top + side, left : left + side]
        if (mask[window] == index).mean() >= COVERED:
            yield name, image[window]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("camvid", type=Path)
    parser.add_argument("folder", type=Path)
    asked = parser.parse_args()
    counts: Counter[tuple[str, str]] = Counter()
    for path in sorted(asked.camvid.glob("images/*/*.jpg")):
        split = path.parent.name
        mask = asked.camvid / f"annotations/{split}/{path.stem}.png"
        pixels, classes = np.asarray(Image.open(path).convert("RGB")), np.asarray(Image.open(mask))
        for name, crop in crops(pixels, classes):
            target = asked.folder / SPLITS[split] / name / f"{path.stem}.jpg"
            target.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(crop).save(target, quality=92)
            counts[SPLITS[split], name] += 1
    for (split, name), count in sorted(counts.items()):
        print(f"{split:6} {name:12} {count}")


if __name__ == "__main__":
    main()
