"""`fact predict` on a folder of images against bare feature extraction of the same files.

    python tests/benchmarks/bench_predict.py MODEL FOLDER [--images 1000] [--rounds 3]

Both decode in as many threads as there are cores. The bare pass decodes, resizes and runs the backbone;
`fact predict` also runs the head and writes the table. Rounds alternate; prints images a second of both by
wall and by processor time, medians over the rounds, and their ratios.
"""

import argparse
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from fact.backbones.extraction import extract
from fact.data.contract import image_reader
from fact.data.images import Resize, stream_resized
from fact.data.sources import image_folder
from fact.data.walk import walk_images
from fact.model.loaded import BATCH, Model, load_model
from fact.model.predictions import predict_folder

WORKERS = len(os.sched_getaffinity(0))


def bare(model: Model, folder: Path, locators: list[str]) -> None:
    """Pooled vectors of every file, thrown away."""
    how = model.preprocessing
    resize = Resize(how["image_size"], how["interpolation"], how["transform"])
    read = image_reader(image_folder, folder, {})
    batches = stream_resized(read, locators, resize, batch_size=BATCH, workers=WORKERS)
    for _ in extract(model.classifier.backbone, batches, model.input, model.device):
        pass


def seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and processor time."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - processor


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
    print(f"{len(locators)} images, {WORKERS} threads that decode")
    for kind, index in (("wall", 0), ("processor", 1)):
        bare_time, ours = (statistics.median(pair[which][index] for pair in pairs) for which in (0, 1))
        speeds = f"bare extraction {len(locators) / bare_time:.1f}, fact predict {len(locators) / ours:.1f}"
        print(f"images/s by {kind} time: {speeds}, ratio {bare_time / ours:.2f}")


if __name__ == "__main__":
    main()
