"""ViL2-small against timm's ViT-S/16, random weights, fp32: seconds per image, in one interleaved run.

    python tests/benchmarks/bench_vil.py [--threads 2] [--images 4] [--rounds 5] [--sides 224 448]

For each side prints wall and processor seconds per image, medians over the rounds, of ViT-S/16 and of
ViL2-small with mLSTM's parallel and its chunkwise form, and the ratios to ViT-S/16 and between the two forms.
"""

import argparse
import statistics
import time

import torch
from fact.backbones.weights import create_architecture

CHUNK_SIZE = 49


def models(side: int) -> dict[str, torch.nn.Module]:
    torch.manual_seed(0)
    built = {
        "vit_small_patch16": create_architecture("vit_small_patch16_224", {"img_size": side}),
        "vil2_small parallel": create_architecture("vil2_small", {"img_size": side}),
        "vil2_small chunkwise": create_architecture(
            "vil2_small", {"img_size": side, "chunk_size": CHUNK_SIZE}
        ),
    }
    return {name: model.eval() for name, model in built.items()}


@torch.inference_mode()
def seconds(model: torch.nn.Module, images: torch.Tensor) -> tuple[float, float]:
    """Wall and processor seconds of one pass, an image."""
    wall, processor = time.perf_counter(), time.process_time()
    model(images)
    ends = time.perf_counter() - wall, time.process_time() - processor
    return ends[0] / len(images), ends[1] / len(images)


def measure(side: int, images: int, rounds: int) -> dict[str, tuple[float, float]]:
    """Median wall and processor seconds per image by model, rounds interleaved, the first one left out."""
    batch = torch.randn(images, 3, side, side).contiguous(memory_format=torch.channels_last)
    built = models(side)
    times = {name: [] for name in built}
    for _ in range(rounds + 1):
        for name, model in built.items():
            times[name].append(seconds(model, batch))
    return {
        name: tuple(map(statistics.median, zip(*pairs[1:], strict=True))) for name, pairs in times.items()
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--images", type=int, default=4)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--sides", type=int, nargs="+", default=[224, 448])
    asked = options.parse_args()
    torch.set_num_threads(asked.threads)
    for side in asked.sides:
        times = measure(side, asked.images, asked.rounds)
        vit, parallel, chunkwise = times.values()
        print(f"{side}×{side}, {(side // 16) ** 2} tokens, {asked.images} images, {asked.threads} threads")
        for name, (wall, processor) in times.items():
            ratio = processor / vit[1]
            print(f"  {name:<21} {wall:.3f} s wall, {processor:.3f} s processor, {ratio:.2f} × ViT")
        print(f"  chunkwise over parallel, processor {chunkwise[1] / parallel[1]:.2f}")


if __name__ == "__main__":
    main()
