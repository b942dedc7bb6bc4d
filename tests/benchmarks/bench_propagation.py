"""Seconds and peak memory of propagated labels, by the size of the pool.

Run by hand: ``python tests/benchmarks/bench_propagation.py --images 12500 25000 50000``. Each measurement
has a process of its own. Features are Gaussian clusters of 384 channels, ten labels a class, and a head
that is right in half of the cases. Also printed: the share of the ten true nearest neighbours that the
lists find, of 500 images.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time

import numpy as np

CHANNELS = 384


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=int, nargs="+", default=[12_500, 25_000, 50_000])
    parser.add_argument("--classes", type=int, default=100)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.measure:
        print(json.dumps(measure(asked.images[0], asked.classes)))
        return
    print(f"{os.cpu_count()} cores, {asked.threads} threads, load {os.getloadavg()[0]:.1f}, D {CHANNELS}")
    print(f"{'images':>9}{'neighbours s':>14}{'all s':>9}{'CPU s':>9}{'peak GB':>9}{'recall':>8}{'right':>7}")
    for images in asked.images:
        found = in_its_own_process(images, asked.classes, asked.threads)
        times = f"{found['neighbours']:>14.1f}{found['wall']:>9.1f}{found['cpu']:>9.1f}"
        shares = f"{found['peak_gb']:>9.2f}{found['recall']:>8.3f}{found['right']:>7.3f}"
        print(f"{images:>9}{times}{shares}", flush=True)


def in_its_own_process(images: int, classes: int, threads: int) -> dict:
    command = [sys.executable, __file__, "--measure", "--images", str(images), "--classes", str(classes)]
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def measure(images: int, classes: int) -> dict:
    from fact.training.propagation.neighbours import nearest_neighbours
    from fact.training.propagation.propagate import PropagationSpec, propagate

    features, owner = clustered(images, classes)
    generator = np.random.default_rng(2)
    labelled = np.concatenate([np.flatnonzero(owner == name)[:10] for name in range(classes)])
    said = np.where(generator.random(images) < 0.5, owner, generator.integers(0, classes, images))
    predicted = np.full((images, classes), 0.5 / classes, np.float32)
    predicted[np.arange(images), said] += 0.5
    wall = time.perf_counter()
    found = nearest_neighbours(features, 10)
    neighbours = time.perf_counter() - wall
    wall, processor = time.perf_counter(), time.process_time()
    result = propagate(features, labelled, owner[labelled], predicted, PropagationSpec())
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    return {
        "neighbours": neighbours, "wall": wall, "cpu": processor, "recall": recall(features, found.rows),
        "peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
        "right": float((result.probabilities.argmax(1) == owner).mean()),
    }  # fmt: skip


def recall(features: np.ndarray, rows: np.ndarray) -> float:
    units = features / np.linalg.norm(features, axis=1, keepdims=True)
    shares = []
    for row in range(500):
        cosines = units @ units[row]
        cosines[row] = -2
        shares.append(len(set(np.argpartition(-cosines, 10)[:10]) & set(rows[row])) / 10)
    return float(np.mean(shares))


def clustered(images: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Return features (images, 384), four Gaussian clusters a class, and classes."""
    generator = np.random.default_rng(0)
    centres = 0.5 * generator.standard_normal((4 * classes, CHANNELS), np.float32)
    cluster = generator.integers(0, 4 * classes, images)
    features = centres[cluster] + generator.standard_normal((images, CHANNELS), np.float32)
    return features, cluster % classes


if __name__ == "__main__":
    main()
