"""How often the interval of a model's estimate holds its accuracy on test images: digits, frozen features.

    python tests/benchmarks/interval_coverage.py [--labels 50] [--seeds 24] [--selector activeft]

Each seed is a selection of its own from the pool of 1,437; the truth is the accuracy on the 360 test images.
Two heads stand for recipes to choose among. Prints one line per seed, then how many intervals held, with and
without the shift by the pool's confidence.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
import torch
import yaml
from fact.backbones.extraction import extract
from fact.backbones.spec import read_declared
from fact.backbones.weights import fetch_weights, load_backbone
from fact.data.contract import image_reader
from fact.data.images import Resize, read_resized
from fact.data.sources import digits
from fact.model.assessment import Validated, choose_recipe
from fact.model.classifier import calibrated
from fact.model.estimate import Estimate, estimate
from fact.model.labelled import LabelledImages
from fact.model.phases import Phases, fit_phases, logits_of
from fact.model.validation import fold_fitter, out_of_fold
from fact.selection.contract import load_selector
from fact.training.computing import Computing
from fact.training.heads.spec import read_head_spec
from scipy.special import softmax

ROOT = Path(__file__).parents[2]
DEVICE = torch.device("cpu")
GRID = [0.1, 1.0, 10.0, 100.0, 1000.0, 10000.0]
HEADS = {
    "cv": {"kind": "lr", "pooling": "pooled", "C": "cv", "C_grid": GRID, "folds": 5, "fallback_C": 100.0},
    "C=1": {"kind": "lr", "pooling": "pooled", "C": 1.0, "folds": 5, "fallback_C": 1.0},
}
PHASES = {name: Phases(None, None, read_head_spec(head), "fp32", 256) for name, head in HEADS.items()}


def measured(weights: Path, data: LabelledImages, pool: np.ndarray, test: LabelledImages, seed: int) -> tuple:
    """Estimates with and without the pool, and the accuracy on the test images."""
    found = {
        name: out_of_fold(4, data, seed, fold_fitter(weights, phases, Computing(DEVICE, 0)))
        for name, phases in PHASES.items()
    }
    logits, folds = {name: row[0] for name, row in found.items()}, found["cv"][1]
    choice = choose_recipe(Validated(logits, folds, data.labels, list("0123456789")), seed)
    phases = PHASES[choice.recipe]
    fitted = fit_phases(weights, data, phases, Computing(DEVICE, seed))
    fitted = type(fitted)(**{**vars(fitted), "head": calibrated(fitted.head, choice.temperature)})
    confidence = float(softmax(logits_of(fitted, pool, phases, DEVICE), axis=1).max(1).mean())
    accuracy = float((logits_of(fitted, test.scored, phases, DEVICE).argmax(1) == test.labels).mean())
    return estimate(choice.measured, confidence), estimate(choice.measured, None), accuracy


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--labels", type=int, default=50)
    options.add_argument("--seeds", type=int, default=24)
    options.add_argument("--selector", default="activeft")
    asked = options.parse_args()
    torch.set_num_threads(1)
    declared = yaml.safe_load((ROOT / "config/backbones.yaml").read_text())["backbones"]["vit_digits"]
    selector = yaml.safe_load((ROOT / "config/selectors.yaml").read_text())["selectors"][asked.selector]
    rows = digits.index().rows
    images = read_resized(image_reader(digits, None, {}), list(rows["locator"]), Resize(16))
    labels, ids = rows["label"].to_numpy(np.int64), list(rows["sample_id"])
    everything = LabelledImages(images, images, labels, ids, 10)
    is_pool = (rows["split"] == "pool").to_numpy()
    test = everything.rows(~is_pool)
    results = []
    with tempfile.TemporaryDirectory() as folder:
        weights = Path(folder)
        fetch_weights(
            read_declared("vit_digits", {**declared, "weights": str(ROOT / declared["weights"])}), weights
        )
        backbone, spec = load_backbone(weights)
        parts = extract(backbone, [images[is_pool]], spec, DEVICE)
        frozen = np.concatenate([pooled for pooled, _ in parts])
        select = load_selector(selector["module"]).select
        for seed in range(asked.seeds):
            chosen = np.zeros(len(rows), bool)
            picks = select(frozen, asked.labels, seed, **selector["params"]).indices
            chosen[np.flatnonzero(is_pool)[picks]] = True
            shifted, plain, truth = measured(
                weights, everything.rows(chosen), images[is_pool & ~chosen], test, seed
            )
            held, widths = [holds(found, truth) for found in (shifted, plain)], [shifted.high - shifted.low]
            widths.append(plain.high - plain.low)
            results.append((shifted.accuracy, plain.accuracy, truth, *held, *widths))
            ends = f"[{shifted.low:.3f}, {shifted.high:.3f}]"
            print(f"seed {seed}: {shifted.accuracy:.3f} {ends}, test {truth:.3f}", flush=True)
    table = np.array(results, float)
    mean = table.mean(0)
    print(f"{asked.selector}, {asked.labels} labels, {asked.seeds} seeds: test accuracy {mean[2]:.3f}")
    print(f"with the pool: estimate {mean[0]:.3f}, held {int(table[:, 3].sum())}, mean width {mean[5]:.3f}")
    print(f"without: estimate {mean[1]:.3f}, held {int(table[:, 4].sum())}, mean width {mean[6]:.3f}")


def holds(found: Estimate, truth: float) -> bool:
    return found.low <= truth <= found.high


if __name__ == "__main__":
    main()
