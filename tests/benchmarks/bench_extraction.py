"""Feature extraction of a ViT-S/16 at 224, random weights: FACT's path against the plain fp32 loop.

    python tests/benchmarks/bench_extraction.py [--images 96] [--rounds 3]

Prints images a second of both and their ratio, the precision that ``auto`` chose on this machine, and the
largest relative difference of the features (norm of the difference over the norm, worst image).
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable

import numpy as np
import torch
from fact.backbones.extraction import extract
from fact.backbones.interface import Backbone
from fact.backbones.spec import ImageInput
from fact.backbones.weights import create_architecture
from fact.device import best_device, compute_dtype, cpu_flags

SPEC = ImageInput(
    image_size=224, interpolation="bicubic", mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225)
)


def plain_loop(model: torch.nn.Module, batches: list[np.ndarray]) -> np.ndarray:
    """What a script would do: float32, a batch at a time."""
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (SPEC.mean, SPEC.std))
    with torch.no_grad():
        rows = [model((torch.from_numpy(b).permute(0, 3, 1, 2).float() / 255 - mean) / std) for b in batches]
    return torch.cat(rows).numpy()


def fact_loop(backbone: Backbone, batches: list[np.ndarray], precision: str) -> np.ndarray:
    return np.concatenate(
        [pooled for pooled, _ in extract(backbone, batches, SPEC, best_device(), precision=precision)]
    )


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--images", type=int, default=96)
    options.add_argument("--rounds", type=int, default=3)
    asked = options.parse_args()
    torch.manual_seed(0)
    model = create_architecture("vit_small_patch16_224", {}).eval()
    images = np.random.default_rng(0).integers(0, 256, (asked.images, 224, 224, 3), dtype=np.uint8)
    batches = np.split(images, range(32, len(images), 32))
    backbone = Backbone(model)
    plain, ours = plain_loop(model, batches[:1]), fact_loop(backbone, batches[:1], "auto")
    difference = np.linalg.norm(plain - ours, axis=1) / np.linalg.norm(plain, axis=1)
    pairs = [
        (seconds(lambda: plain_loop(model, batches)), seconds(lambda: fact_loop(backbone, batches, "auto")))
        for _ in range(asked.rounds)
    ]
    slow, fast = (asked.images / statistics.median(column) for column in zip(*pairs, strict=True))
    fast_bf16 = sorted({"amx_bf16", "avx512_bf16"} & cpu_flags()) or "none"
    print(f"cores {os.cpu_count()}, threads {torch.get_num_threads()}, bf16 instructions: {fast_bf16}")
    print(f"precision auto is {compute_dtype(best_device(), 'auto')} on {best_device()}")
    print(f"plain fp32 loop {slow:.1f} images/s, FACT {fast:.1f} images/s, ratio {fast / slow:.2f}")
    print(f"largest relative difference of the features {difference.max():.2e}")


if __name__ == "__main__":
    main()
