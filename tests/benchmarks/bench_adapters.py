"""A training step of a ViT-S/16 at 224, random weights: full finetuning against LoRA, prompts and prefixes.

    python tests/benchmarks/bench_adapters.py [--images 8] [--steps 4] [--threads 1]

Prints a table of trained parameters, wall and processor seconds per step (medians without the first step)
and peak memory, each also as a share of full finetuning's. Every row is a process of its own, on the GPU
where there is one. Memory is what the process held at its peak (CPU) or torch allocated (GPU), less what it
had before the first step: activations, gradients and momentum.
"""

import argparse
import resource
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import torch
from fact.backbones.interface import Backbone, Classifier
from fact.backbones.weights import create_architecture
from fact.config.registries import with_registries
from fact.device import use_threads
from fact.report.tables.printed import pipe_table
from fact.training.classifier import read_tuner
from fact.training.epochs import EpochBatches, LabelledInputs, train_epochs
from fact.training.recipe import checkpoint_gradients, count_parameters
from fact.training.settings import read_training

CLASSES = 10
CHECKPOINTED = " + grad_checkpointing"
ROWS = ["ff", f"ff{CHECKPOINTED}", "lp-lora", f"lp-lora{CHECKPOINTED}", "lp-prompt", "lp-prefix"]


class Cost(NamedTuple):
    """Of one step; ``memory`` in MB."""

    trained: int
    wall: float
    processor: float
    memory: float


def settings_of(recipe: str) -> dict:
    registries = with_registries({}, Path(__file__).parents[2] / "config")
    return {**registries["training"], **registries["recipes"][recipe]}


def memory(device: torch.device) -> float:
    """Peak so far in MB."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated() / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10


def build(row: str, settings: dict, device: torch.device) -> torch.nn.Module:
    torch.manual_seed(0)
    backbone = Backbone(create_architecture("vit_small_patch16_224", {}, settings["drop_path"]))
    classifier = Classifier(backbone, 384, CLASSES)
    if row.endswith(CHECKPOINTED):
        checkpoint_gradients(classifier, settings["freeze_batchnorm"])
    model = read_tuner(settings).prepare(classifier)
    return model.to(device, memory_format=torch.channels_last)


def measure(row: str, images: int, steps: int, threads: int) -> Cost:
    """The cost of a step, found by a training of one step an epoch."""
    device = use_threads(threads)
    settings = settings_of(row.removesuffix(CHECKPOINTED))
    settings |= {"epochs": steps + 1, "batch_size": images, "cpu_micro_batch": images}
    model = build(row, settings, device)
    batch = torch.randn(images, 3, 224, 224, generator=torch.Generator().manual_seed(0)).to(device)
    labels = torch.arange(images, device=device) % CLASSES
    before, clocks = memory(device), []

    def on_epoch(epoch: int, loss: float) -> None:
        clocks.append((time.perf_counter(), time.process_time()))

    training = read_training(settings)
    batches = EpochBatches(LabelledInputs(batch, labels), training, 0, lambda images, _: images)
    train_epochs(model, batches, training, on_epoch=on_epoch)
    spans = [[end - start for start, end in zip(*pair, strict=True)] for pair in pairwise(clocks)]
    wall, processor = map(statistics.median, zip(*spans, strict=True))
    return Cost(count_parameters(model)["trainable"], wall, processor, memory(device) - before)


def cells(row: str, cost: Cost, full: Cost) -> list[str]:
    return [
        row,
        f"{cost.trained:,}",
        *(f"{ours:.2f} ({ours / base:.0%})" for ours, base in zip(cost[1:3], full[1:3], strict=True)),
        f"{cost.memory:.0f} ({cost.memory / full.memory:.0%})",
    ]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--images", type=int, default=8)
    options.add_argument("--steps", type=int, default=4)
    options.add_argument("--threads", type=int, default=1)
    asked = options.parse_args()
    # max_tasks_per_child: a peak is the whole process's, so that each row needs one of its own
    with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as pool:
        costs = list(pool.map(measure, ROWS, *([value] * len(ROWS) for value in vars(asked).values())))
    header = ["recipe", "trained parameters", "wall s", "processor s", "peak MB"]
    print(f"{asked.images} images per step, {asked.threads} threads, {torch.cuda.is_available()=}")
    print(pipe_table(header, [cells(row, cost, costs[0]) for row, cost in zip(ROWS, costs, strict=True)]))


if __name__ == "__main__":
    main()
