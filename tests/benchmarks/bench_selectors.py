"""Seconds and peak memory of every selector on one pool, and how two of them grow with the pool.

Run by hand: ``python tests/benchmarks/bench_selectors.py --help``. Each measurement has its own process; a
run on a small pool comes first, so that compiling does not count. On a busy machine compare processor
seconds, with ``--threads 1``.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time

import numpy as np
import torch
import yaml
from fact.selection.contract import load_selector, selector_names

CHANNELS, CLUSTERS, WARM_UP = 384, 200, 600


def main() -> None:
    options = _options()
    if options.measure:
        torch.set_num_threads(options.threads)
        print(json.dumps(measure(options)))
        return
    print(f"{os.cpu_count()} cores, {options.threads} threads, load {os.getloadavg()[0]:.1f}, D {CHANNELS}")
    print(f"{'selector':<12}{'images':>9}{'budget':>8}{'wall s':>9}{'CPU s':>9}{'peak MB':>9}  covered")
    for name in options.selectors:
        _report(options, name, options.images, options.budget, yaml.safe_load(options.params))
    for name, params in (("activeft", {"batch_size": options.batch, "iterations": 100}), ("kcenter", {})):
        if options.sizes and name in options.selectors:
            slope = [_report(options, name, size, size // 100, params) for size in options.sizes]
            growth = np.polyfit(np.log(options.sizes), np.log(slope), 1)[0]
            print(f"{name}: processor seconds grow with the pool to the power {growth:.2f}, budget 1 %")


def measure(options: argparse.Namespace) -> dict:
    """Of one selection: wall and processor seconds, peak memory, mean cosine to the nearest pick."""
    select, params = load_selector(options.measure).select, yaml.safe_load(options.params)
    features = clustered_features(options.images)
    select(features[:WARM_UP], 20, 0, **params)
    wall, processor = time.perf_counter(), time.process_time()
    picks = select(features, options.budget, 0, **params).indices
    result = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - processor}
    result["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return result | {"covered": covered(features[:20_000], features[picks])}


def clustered_features(images: int) -> np.ndarray:
    """(images, 384) float16: Gaussian clusters of unequal size, as far apart as they are wide."""
    generator = np.random.default_rng(0)
    centres = generator.standard_normal((CLUSTERS, CHANNELS), dtype=np.float32)
    owner = (CLUSTERS * generator.random(images) ** 2).astype(int)
    features = np.empty((images, CHANNELS), np.float16)
    for start in range(0, images, 10_000):
        part = owner[start : start + 10_000]
        features[start : start + 10_000] = centres[part] + generator.standard_normal(
            (len(part), CHANNELS), dtype=np.float32
        )
    return features


def covered(features: np.ndarray, picks: np.ndarray) -> float:
    """The mean cosine of ``features`` to the nearest of ``picks``."""
    rows, points = (
        torch.nn.functional.normalize(torch.from_numpy(part).float(), dim=1) for part in (features, picks)
    )
    return torch.cat([(tile @ points.T).amax(dim=1) for tile in rows.split(1000)]).mean().item()


def _report(options: argparse.Namespace, name: str, images: int, budget: int, params: dict) -> float:
    given = {"images": images, "budget": budget, "threads": options.threads, "params": json.dumps(params)}
    command = [sys.executable, __file__, "--measure", name]
    command += [text for key, value in given.items() for text in (f"--{key}", str(value))]
    result = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    times = f"{result['wall']:>9.1f}{result['cpu']:>9.1f}{result['peak_mb']:>9.0f}"
    print(f"{name:<12}{images:>9}{budget:>8}{times}  {result['covered']:.4f}", flush=True)
    return result["cpu"]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=int, default=50_000)
    parser.add_argument("--budget", type=int, default=500)
    parser.add_argument("--selectors", nargs="+", default=selector_names())
    parser.add_argument(
        "--sizes", type=int, nargs="*", default=[25_000, 50_000, 100_000], help="for the growth"
    )
    parser.add_argument("--batch", type=int, default=10_000, help="of ActiveFT, for the growth")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--params", default="{}", help="of the selectors, but for the growth, as YAML")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
