"""Seconds and peak memory of selectors, second steps and calibrations on pools up to ImageNet's size.

Run by hand: ``python tests/benchmarks/bench_large_pool.py selectors/kmeans --images 80000 160000 320000``. A
name is a module of ``fact.selection``: ``selectors/NAME``, ``second_steps/NAME`` or ``calibrations/NAME``.
Each measurement has a process of its own. Peak memory is the process's, with the pool in it (float32, as
scripts read it). With several sizes the growth of the processor seconds is printed, and what it means at
``--target`` images. On a busy machine trust the processor seconds.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from importlib import import_module

import numpy as np
import torch
import yaml

CHANNELS, BLOCK = 384, 20_000


def main() -> None:
    options = _options()
    if options.measure:
        torch.set_num_threads(options.threads)
        print(json.dumps(measure(options)))
        return
    print(f"{os.cpu_count()} cores, {options.threads} threads, load {os.getloadavg()[0]:.1f}, D {CHANNELS}")
    print(f"{'module':<26}{'images':>9}{'budget':>8}{'wall s':>9}{'CPU s':>9}{'peak GB':>9}")
    for name in options.names:
        seconds = [_report(options, name, images)["cpu"] for images in options.images]
        if len(seconds) > 1:
            slope, constant = np.polyfit(np.log(options.images), np.log(seconds), 1)
            expected = np.exp(constant + slope * np.log(options.target))
            print(
                f"{name}: power {slope:.2f} of the pool, {expected:.0f} CPU s at {options.target}", flush=True
            )


def measure(options: argparse.Namespace) -> dict[str, float]:
    """Return wall and processor seconds of one run, and the peak memory of its process in GB."""
    images, params = options.images[0], yaml.safe_load(options.params)
    kind, name = options.names[0].split("/")
    module = import_module(f"fact.selection.{kind}.{name}")
    centres = np.random.default_rng(1).standard_normal((options.classes, CHANNELS), np.float32)
    features, owner = clustered(images, centres, options.dtype)
    budget = max(1, round(images * options.share))
    work = {"selectors": _selector, "second_steps": _second_step, "calibrations": _calibration}[kind]
    run = work(module, features, owner, centres, budget, params)
    wall, processor = time.perf_counter(), time.process_time()
    run()
    result = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - processor}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return result | {"peak_gb": peak / 2**20, "budget": budget}


def clustered(images: int, centres: np.ndarray, dtype: str) -> tuple[np.ndarray, np.ndarray]:
    """Return features (images, 384) of Gaussian clusters, as far apart as they are wide, and their clusters.

    Sizes of clusters are as unequal as 1 to 3.
    """
    generator = np.random.default_rng(0)
    share = np.linspace(0.5, 1.5, len(centres))
    owner = generator.choice(len(centres), images, p=share / share.sum())
    features = np.empty((images, CHANNELS), dtype)
    for start in range(0, images, BLOCK):
        part = owner[start : start + BLOCK]
        features[start : start + BLOCK] = centres[part] + generator.standard_normal(
            (len(part), CHANNELS), np.float32
        )
    return features, owner


def _selector(module, features, owner, centres, budget, params):
    return lambda: module.select(features, budget, 0, **params)


def _second_step(module, features, owner, centres, budget, params):
    """Half of the budget is labelled; the probe's weights are the centres: mostly right, rarely sure."""
    from fact.selection.probabilities import of_head
    from fact.training.heads.head import pooled_head
    from fact.training.heads.linear import LinearHead

    weight = torch.from_numpy(centres / 40)
    head = pooled_head(LinearHead(weight, -20 * weight.square().sum(dim=1)))
    labelled = np.random.default_rng(2).permutation(len(features))[: budget // 2]
    labels = owner if params.get("mode") == "pool_oracle" else None
    given = {} if labels is None else {"pool_labels": labels}

    def run():
        probabilities = of_head(head, features)
        return module.select(features, probabilities, labelled, budget - len(labelled), 0, **given, **params)

    return run


def _calibration(module, features, owner, centres, budget, params):
    labelled = np.random.default_rng(2).permutation(len(features))[:budget]
    return lambda: module.calibrate(features, labelled, owner[labelled], len(centres), 0, **params)


def _report(options: argparse.Namespace, name: str, images: int) -> dict[str, float]:
    command = [sys.executable, __file__, name, "--measure", "--images", str(images)]
    for key in ("share", "threads", "params", "classes", "dtype"):
        command += [f"--{key}", str(getattr(options, key))]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    result = json.loads(done.stdout)
    numbers = f"{result['wall']:>9.1f}{result['cpu']:>9.1f}{result['peak_gb']:>9.2f}"
    print(f"{name:<26}{images:>9}{result['budget']:>8}{numbers}", flush=True)
    return result


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="+", metavar="KIND/NAME")
    parser.add_argument("--images", type=int, nargs="+", default=[80_000, 160_000, 320_000])
    parser.add_argument("--share", type=float, default=0.01, help="the budget, of the pool")
    parser.add_argument("--classes", type=int, default=1000)
    parser.add_argument("--dtype", default="float32", choices=["float32", "float16"])
    parser.add_argument("--target", type=int, default=1_281_167, help="images that the growth is applied to")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--params", default="{}", help="of the module, as YAML")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
