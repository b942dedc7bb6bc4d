"""Phase 2 as a stage: decode, tune, evaluate when asked, and account for the time of each."""

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from fact.backbones.extraction import run_batches, to_tensor
from fact.backbones.weights import read_spec
from fact.data.image_reader import ImageReader, labels_of
from fact.infra.process.clock import Clock
from fact.infra.process.progress import log
from fact.tasks.classification.score import top1
from fact.training.recipe import count_parameters, tune
from fact.training.resume import ResumeFile, ResumePlan, Resumption, resume_key

# test images are kept decoded between evaluations up to this size
KEPT_BYTES = 2 * 2**30


def tune_and_evaluate(
    weights: Path,
    reader: ImageReader,
    labelled: pd.DataFrame,
    test: pd.DataFrame,
    num_classes: int,
    settings: dict,
    seed: int,
    start: dict[str, Tensor] | None,
    device: torch.device,
    plan: ResumePlan,
) -> tuple[nn.Module, np.ndarray, dict[str, float], dict]:
    """Tune on the labelled rows; returns the model, its logits (N, K) on the test rows after the last epoch,
    seconds by phase, and ``parameters`` and ``history`` for the score record.

    ``settings``: ``training`` (the recipe), ``evaluation`` (``epochs`` to score after, ``precision``,
    ``batch_size``, ``transform``). The history holds the loss of every epoch and the accuracy of the scored
    ones.
    """
    clock, spec = Clock(), read_spec(weights)
    evaluate = _evaluator(reader, test, spec, settings["evaluation"], device)
    with clock.time("decode"):
        images = to_tensor(reader.read(labelled), device).contiguous()
    labels = torch.from_numpy(labels_of(labelled)).to(device)
    history, logits, holder = [], [], []

    def on_epoch(epoch: int, loss: float) -> None:
        entry = {"epoch": epoch, "loss": loss}
        if epoch in settings["evaluation"]["epochs"]:
            with clock.time("evaluate"):
                logits[:] = [evaluate(holder[0])]
            entry["top1"] = top1(logits[0], labels_of(test))
        history.append(entry)
        log(f"epoch {epoch + 1} of {settings['training']['epochs']}: " + _numbers(entry))

    def account() -> dict:
        return {"history": history, "seconds": clock.seconds()}

    def recall(saved: dict) -> None:
        history.extend(saved["history"])
        clock.add(saved["seconds"])

    def on_model(built: nn.Module) -> None:
        loading.close()
        holder.append(built)

    inputs = (spec["weights_sha256"], images, labels, *(start or {}).values())
    file = ResumeFile(plan.path, resume_key(plan.code, settings, seed, *inputs))
    # imports and weights, which are no training, last until there is a model
    with clock.time("train"), ExitStack() as loading:
        loading.enter_context(clock.time("load"))
        model = tune(
            weights,
            images,
            labels,
            num_classes,
            settings["training"],
            seed,
            start=start,
            on_model=on_model,
            on_epoch=on_epoch,
            resumption=Resumption(file, plan.every, plan.stop, account, recall),
        )
    report = {"parameters": count_parameters(model), "history": history}
    return model, logits[0], clock.seconds(), report


def _evaluator(
    reader: ImageReader,
    test: pd.DataFrame,
    spec: dict,
    settings: dict,
    device: torch.device,
) -> Callable[[nn.Module], np.ndarray]:
    """A function from a model to its test logits; keeps small decoded images for the next evaluation."""
    kept: list[np.ndarray] = []
    keep = len(settings["epochs"]) > 1 and len(test) * spec["image_size"] ** 2 * 3 <= KEPT_BYTES

    def evaluate(model: nn.Module) -> np.ndarray:
        size, transform = settings["batch_size"], settings["transform"]
        batches = kept or reader.batches(test, size, "test images", transform)
        if keep and not kept:
            kept.extend(batches)
            batches = kept
        return predict(model, batches, spec, device, settings["precision"])

    return evaluate


def predict(
    model: nn.Module, batches: Iterable[np.ndarray], spec: dict, device: torch.device, precision: str
) -> np.ndarray:
    """Logits (N, K) float32 of uint8 image batches (b, S, S, 3)."""
    model.eval()
    outputs = run_batches(lambda images: (model(images),), batches, spec, device, precision)
    return np.concatenate([logits for (logits,) in outputs])


def _numbers(entry: dict) -> str:
    return ", ".join(f"{key} {value:.4f}" for key, value in entry.items() if key != "epoch")
