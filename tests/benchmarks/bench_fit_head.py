"""Time and memory of phase 3's head, by labelled images and classes; beside another revision of the code.

    python tests/benchmarks/bench_fit_head.py --images 500 1000 2000 --classes 100 --against bfda7fd
    python tests/benchmarks/bench_fit_head.py --features …/lp-ft/refined_labelled.h5 --against bfda7fd

Tokens are 14 × 14 × 384 float16, as ViT-S/16 gives them: noise, in which a tenth of the tokens carry their
class; or those of a features file. Each fit runs in a process of its own. Memory is the process's peak above
what it held before the fit: the tokens themselves and the imported packages. Slopes are of a straight line.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
GRID, WIDTH = 14, 384
PROBE = {
    "kind": "lbfgs",
    "C": "cv",
    "C_grid": [0.1, 1.0, 10.0, 100.0, 1000.0, 10000.0],
    "folds": 5,
    "fallback_C": 100.0,
}


def main() -> None:
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    parser.add_argument("--images", type=int, nargs="+", default=[500, 1000, 2000])
    parser.add_argument("--classes", type=int, nargs="+", default=[100])
    parser.add_argument(
        "--heads", nargs="+", default=["map"], help="names in config/heads.yaml, or lr-frozen"
    )
    parser.add_argument("--features", type=Path, help="a features file of labelled images, instead of noise")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--against", help="a git revision to measure in turn with this checkout")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.measure:
        print(json.dumps(measure(asked)))
        return
    with tempfile.TemporaryDirectory() as folder:
        trees = {"this": REPOSITORY}
        if asked.against:
            trees[asked.against] = exported(asked.against, folder)
        for head in asked.heads:
            for classes in asked.classes:
                compare(trees, asked, head, classes)


def compare(trees: dict[str, Path], asked: argparse.Namespace, head: str, classes: int) -> None:
    """Measure all trees at all sizes, one after the other at each size, and print what they took."""
    rows: dict[str, list[dict]] = {name: [] for name in trees}
    for images in asked.images if asked.features is None else [0]:
        for name, tree in trees.items():
            rows[name].append(fitted(tree, asked, head, images=images, classes=classes))
            print(line(name, head, rows[name][-1]), flush=True)
        if len(trees) == 2:
            here, other = (own[-1] for own in rows.values())
            print(f"{'':30}{other['wall'] / here['wall']:.1f} times faster by the clock, "
                  f"{other['cpu'] / here['cpu']:.1f} by processor seconds", flush=True)  # fmt: skip
    if len(rows["this"]) > 1:
        for name, own in rows.items():
            print(f"{head:10} {name:8} {slope(own):.2f} GB of peak for each GB of tokens")


def line(name: str, head: str, row: dict) -> str:
    return (
        f"{head:10} K={row['classes']:<5} n={row['images']:<6} {name:8} {row['wall']:7.2f} s"
        f" {row['cpu']:8.2f} CPU-s  peak +{row['peak']:5.2f} GB = {row['peak'] / row['tokens']:5.2f} x tokens"
        f"  {row['chosen']} {row['accuracy']:.3f}"
    )


def slope(rows: list[dict]) -> float:
    """Return the slope of peak over tokens, by least squares."""
    import numpy as np

    return float(np.polyfit([row["tokens"] for row in rows], [row["peak"] for row in rows], 1)[0])


def exported(revision: str, folder: str) -> Path:
    """Return the tree of a revision."""
    archive = subprocess.run(["git", "archive", revision], cwd=REPOSITORY, stdout=subprocess.PIPE, check=True)
    subprocess.run(["tar", "x", "-C", folder], input=archive.stdout, check=True)
    return Path(folder)


def fitted(tree: Path, asked: argparse.Namespace, head: str, *, images: int, classes: int) -> dict:
    """Fit in a process of its own with a tree's code."""
    sizes = {"images": images, "classes": classes, "heads": head, "threads": asked.threads}
    options = [word for name, value in sizes.items() for word in (f"--{name}", str(value))]
    options += ["--features", str(asked.features)] if asked.features else []
    environment = {**os.environ, "PYTHONPATH": str(tree / "workflow")}
    command = [sys.executable, __file__, "--measure", *options]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def measure(asked: argparse.Namespace) -> dict:
    import torch
    import yaml

    torch.set_num_threads(asked.threads)
    keep_freed_memory()
    settings = yaml.safe_load((REPOSITORY / "config/heads.yaml").read_text())["heads"].get(asked.heads[0])
    tokens, pooled, labels = (
        stored(asked.features) if asked.features else synthetic(asked.images[0], asked.classes[0])
    )
    data = (pooled, tokens, labels, [f"train/{row}" for row in range(len(labels))], int(labels.max()) + 1)
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wall, cpu = time.perf_counter(), time.process_time()
    report = fit_probe(*data) if settings is None else fit(settings, *data)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    chosen = report["chosen"]
    tried = [
        row["accuracy"] for row in report["candidates"] if all(row[key] == chosen[key] for key in chosen)
    ]
    return {
        "images": len(labels), "classes": data[-1], "wall": wall, "cpu": cpu,
        "peak": (peak - held) * 1024 / 1e9, "tokens": tokens.nbytes / 1e9,
        "chosen": f"{chosen['pooling']} C={chosen['C']} rho={chosen['rho']}",
        "accuracy": (tried or [float("nan")])[0],
    }  # fmt: skip


def keep_freed_memory() -> None:
    """Do as each job of the workflow does at its start, where this revision has it."""
    try:
        from fact.infra.process import allocator
    except ImportError:
        return
    allocator.keep_freed_memory()


def fit(settings, pooled, tokens, labels, ids, classes):
    settings = {**settings, "prior": "zero"}
    try:
        from fact.training.heads.fit import LabelledFeatures, fit_head
        from fact.training.heads.spec import read_head_spec
    except ImportError:
        # before the library had rooms
        from fact.heads.fit import fit_head

        return fit_head(pooled, tokens, labels, ids, classes, spec=settings, seed=1)[1]
    return fit_head(LabelledFeatures(pooled, tokens, labels, ids, classes), read_head_spec(settings), seed=1)[
        1
    ]


def fit_probe(pooled, tokens, labels, ids, classes):
    try:
        from fact.training.probes import read_probe
    except ImportError:
        from fact.heads.converged import fit_probe as fit_old

        return fit_old(pooled, labels, ids, classes, PROBE, 1)[2]["details"]
    return read_probe(PROBE).fit(pooled, labels, ids, num_classes=classes, seed=1)[2]["details"]


def stored(path: Path):
    """Return tokens, pooled vectors and labels of a features file."""
    import h5py
    import torch

    with h5py.File(path) as file:
        tokens, pooled, labels = (
            torch.from_numpy(file[name][()]) for name in ("tokens", "features", "label")
        )
    return tokens, pooled.float(), labels


def synthetic(images: int, classes: int):
    """Return tokens (n, 14, 14, 384) float16, their means, and labels."""
    import torch

    generator = torch.Generator().manual_seed(0)
    centres, mark = torch.randn(classes, WIDTH, generator=generator), torch.randn(WIDTH, generator=generator)
    labels = torch.arange(images) % classes
    tokens = torch.empty(images, GRID, GRID, WIDTH, dtype=torch.float16)
    for rows in torch.arange(images).split(100):
        noise = torch.randn(len(rows), GRID, GRID, WIDTH, generator=generator)
        shows = (torch.rand(len(rows), GRID, GRID, 1, generator=generator) < 0.1).float()
        tokens[rows] = (noise + shows * (0.5 * centres[labels[rows]][:, None, None] + mark)).half()
    pooled = torch.cat([part.float().mean((1, 2)) for part in tokens.split(100)])
    return tokens, pooled, labels


if __name__ == "__main__":
    main()
