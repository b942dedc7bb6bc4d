"""`fact predict` on a folder of images against bare feature extraction of the same files.

    python tests/benchmarks/bench_predict.py MODEL FOLDER [--images 1000] [--rounds 3]

Both decode in as many threads as there are cores. The bare pass decodes, resizes and runs the backbone;
`fact predict` also runs the head and writes the table. Rounds alternate; prints images a second of both,
medians over the rounds, and their ratio.
"""

import argparse
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from fact.data import image_folder
from fact.data.images import stream_resized
from fact.data.walk import walk_images
from fact.features import extract
from fact.model.loaded import BATCH, Model, load_model
from fact.model.predictions import predict_folder

WORKERS = len(os.sched_getaffinity(0))


def bare(model: Model, folder: Path, locators: list[str]) -> None:
    """Pooled vectors of every file, thrown away."""
    how = model.preprocessing
    batches = stream_resized(
        image_folder, folder, locators, how["image_size"], how["interpolation"], WORKERS,
        batch_size=BATCH, transform=how["transform"],
    )  # fmt: skip
    for _ in extract(model.classifier.backbone, batches, how, model.device):
        pass


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("model", type=Path)
    options.add_argument("folder", type=Path)
    options.add_argument("--images", type=int, default=1000)
    options.add_argument("--rounds", type=int, default=3)
    asked = options.parse_args()
    model = load_model(asked.model)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "images"
        folder.mkdir()
        for number, name in enumerate(walk_images(asked.folder).images[: asked.images]):
            shutil.copy(asked.folder / name, folder / f"{number:06d}{Path(name).suffix}")
        locators = walk_images(folder).images
        bare(model, folder, locators[:BATCH])
        pairs = []
        for number in range(asked.rounds):
            out = Path(scratch) / f"{number}.csv"
            extraction = seconds(lambda: bare(model, folder, locators))
            prediction = seconds(lambda out=out: predict_folder(model, folder, out, workers=WORKERS))
            pairs.append((extraction, prediction))
    slow, fast = (len(locators) / statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(one / other for one, other in pairs)
    print(f"{len(locators)} images, {WORKERS} threads that decode")
    print(f"bare extraction {slow:.1f} images/s, fact predict {fast:.1f} images/s, ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
