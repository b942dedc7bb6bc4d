"""Three compositions that were tried after phase 2, paired with LP-FT on the same test images.

    python tests/benchmarks/compositions.py DATASET/BACKBONE --selectors activeft random --budget 50img \
        --seeds 0 1 2 --scores FILE                       # in the folder of a finished run that has LP-FT

- WiSE-FT (Wortsman et al., 2022): weights between the pretrained backbone with its probe, and phase 2's. A
  share of 0.5 was fixed before this was run; 0.25 and 0.75 stand beside it to show the trend.
- An ensemble: the mean probability of phase 2 and of its repeats on the same labels, under other seeds.
- An ensemble of folds: the mean probability of phases 2 on all labels but one fold's each (``--folds``).
- A head on views: logistic regression on tuned features of the labelled images, with and without four mild
  views of each (flips, crops of at least 80 %). C is fixed, and shared out over the views.

Nothing is chosen by test images. ``--scores`` keeps every score as a JSON line; what it holds is not measured
again. Prints a Markdown table: top-1, difference from LP-FT, Student's 95 % interval, runs that gained.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from fact.backbones.extraction import extract, to_tensor
from fact.backbones.interface import Classifier
from fact.backbones.spec import BackboneSpec
from fact.config.settings import READING_OPTIONS
from fact.data.image_reader import ImageReader, labels_of, read_reading, split_rows
from fact.data.labelled_rows import labelled_rows
from fact.data.manifest import read_manifest
from fact.infra.files.record import read_record
from fact.infra.files.tensors import read_tensors
from fact.report.tables.paired_interval import paired_interval
from fact.seeds import derive_seed
from fact.tasks.classification.score import top1
from fact.training.augment import augment_images
from fact.training.checkpoint import load_checkpoint
from fact.training.classifier import build_classifier
from fact.training.epochs import LabelledInputs
from fact.training.heads.converged import fit_probe
from fact.training.heads.folds import labelled_folds
from fact.training.heads.saving import load_head
from fact.training.heads.spec import HeadSpec
from fact.training.recipe import Recipe, Start, build_model, read_recipe, tune_model
from fact.training.settings import Augmentation
from torch import Tensor

# of phase 2's weights; 0.5 is the one that was fixed beforehand
SHARES = (0.25, 0.5, 0.75)
VIEWS = 4
MILD = Augmentation(crop_scale=(0.8, 1.0), crop_ratio=(0.9, 1.1111), flip=0.5, interpolation="bicubic")
HEAD_C = 100.0
LP_FT = "LP-FT"
BATCH = 256
CPU = torch.device("cpu")
# top-1 in 0..1, and seconds beyond LP-FT's own, by composition
Scores = dict[str, tuple[float, float]]


@dataclass(frozen=True)
class Images:
    """Images uint8 (n, S, S, 3) and their class indices (n,)."""

    pixels: np.ndarray
    labels: np.ndarray

    def batches(self) -> Iterator[np.ndarray]:
        """Yield the images, at most 256 at a time."""
        for start in range(0, len(self.labels), BATCH):
            yield self.pixels[start : start + BATCH]


class Cell(NamedTuple):
    """A run of phase 2: where its files lie, and its labelled images."""

    weights: Path
    run: Path
    labelled: Images
    names: tuple[str, ...]

    @property
    def checkpoint(self) -> Path:
        return self.run / "lp-ft/checkpoint.safetensors"

    def recipe(self) -> Recipe:
        """Return the settings that phase 2 had, from its checkpoint."""
        return read_recipe(read_tensors(self.checkpoint)[1]["settings"])

    def start(self) -> Start:
        """Return where phase 2 started."""
        probe = self.recipe().plain["start"]
        return Start(self.weights, load_head(self.run / f"probe/{probe}/head.safetensors").tensors)


def interpolate(
    pretrained: Mapping[str, Tensor], tuned: Mapping[str, Tensor], share: float
) -> dict[str, Tensor]:
    """Return tensors between two of the same names and shapes: at ``share`` 0 the first, at 1 the second.

    Whole numbers, such as a batch norm's counter, are those of ``tuned``. Raises ValueError for other names.
    """
    if set(pretrained) != set(tuned):
        raise ValueError(f"only one has {sorted(set(pretrained) ^ set(tuned))}")
    return {
        name: torch.lerp(pretrained[name], value, share) if value.is_floating_point() else value
        for name, value in tuned.items()
    }


def mean_probabilities(logits: Sequence[np.ndarray]) -> np.ndarray:
    """Return the mean over models of probabilities (N, K), of logits (N, K) each."""
    return torch.stack([torch.from_numpy(rows).softmax(1) for rows in logits]).mean(0).numpy()


def pooled_vectors(classifier: Classifier, spec: BackboneSpec, images: Images) -> Tensor:
    """Return the backbone's pooled vectors (n, D) float32."""
    outputs = extract(classifier.backbone, images.batches(), spec, CPU, precision="fp32")
    return torch.from_numpy(np.concatenate([pooled for pooled, _ in outputs]))


def logits_of(classifier: Classifier, spec: BackboneSpec, images: Images) -> np.ndarray:
    """Return logits (n, K) float32."""
    with torch.inference_mode():
        return classifier.head(pooled_vectors(classifier, spec, images)).numpy()


def score_wise(cell: Cell, test: Images) -> Scores:
    """Return the scores of weights between the start of phase 2 and its end."""
    tuned, spec = load_checkpoint(cell.checkpoint, cell.weights)
    classes = tuned.head.out_features
    classifier, _ = build_classifier(cell.weights, classes, cell.start().head)
    pretrained = {name: value.clone() for name, value in classifier.state_dict().items()}
    scores = {}
    for share in SHARES:
        began = time.perf_counter()
        classifier.load_state_dict(interpolate(pretrained, tuned.state_dict(), share))
        right = top1(logits_of(classifier, spec, test), test.labels)
        scores[f"WiSE-FT, {share} of phase 2"] = (right, time.perf_counter() - began)
    return scores


def repeat_phase_2(cell: Cell, number: int, test: Images) -> np.ndarray:
    """Return test logits (N, K) of phase 2 on the same labels from the same start, under another seed."""
    seed, recipe, classes = derive_seed("repeat", number, *cell.names), cell.recipe(), _classes(cell)
    model, spec = build_model(cell.start(), classes, recipe=recipe, seed=seed, device=CPU)
    pixels = to_tensor(cell.labelled.pixels, CPU).contiguous()
    data = LabelledInputs(pixels, torch.from_numpy(cell.labelled.labels))
    tune_model(model, data, recipe=recipe, seed=seed, spec=spec, on_epoch=lambda epoch, loss: None)
    return logits_of(model.eval(), spec, test)


def score_ensembles(cell: Cell, test: Images, own: np.ndarray, repeats: int) -> Scores:
    """Return the scores of the first repeat alone, and of means of phase 2 (logits ``own``) and repeats."""
    began, logits, scores = time.perf_counter(), [own], {}
    for number in range(1, repeats + 1):
        logits.append(repeat_phase_2(cell, number, test))
        seconds = time.perf_counter() - began
        if number == 1:
            scores["another seed of phase 2 alone"] = (top1(logits[1], test.labels), seconds)
        right = top1(mean_probabilities(logits), test.labels)
        scores[f"mean of {number + 1} phases 2"] = (right, seconds)
    return scores


def score_folds(cell: Cell, test: Images, folds: int) -> Scores:
    """Return the score of the mean over phases 2 that each had all labelled images but one fold's."""
    began, logits = time.perf_counter(), []
    fold = labelled_folds(cell.labelled.labels, folds, derive_seed("folds", *cell.names))
    for index in range(folds):
        part = Images(cell.labelled.pixels[fold != index], cell.labelled.labels[fold != index])
        logits.append(repeat_phase_2(cell._replace(labelled=part), index, test))
    right = top1(mean_probabilities(logits), test.labels)
    return {f"mean of {folds} folds' phases 2": (right, time.perf_counter() - began)}


def mild_views(images: Images, views: int, seed: int) -> Images:
    """Return the images, and ``views`` augmented copies of each behind them."""
    generator = torch.Generator().manual_seed(seed)
    pixels = torch.from_numpy(images.pixels).permute(0, 3, 1, 2)
    copies = [augment_images(pixels, MILD, generator).round().byte() for _ in range(views)]
    everything = torch.cat([pixels, *copies]).permute(0, 2, 3, 1).contiguous()
    return Images(everything.numpy(), np.tile(images.labels, views + 1))


def score_views(cell: Cell, test_vectors: Tensor, labels: np.ndarray) -> Scores:
    """Return the scores of a head on the labelled images' tuned features, without and with mild views."""
    tuned, spec = load_checkpoint(cell.checkpoint, cell.weights)
    scores, seed = {}, derive_seed("views", *cell.names)
    for name, views in (("head on the images", 0), (f"head on the images and {VIEWS} views", VIEWS)):
        began = time.perf_counter()
        images = mild_views(cell.labelled, views, seed)
        head, _, _ = fit_probe(
            pooled_vectors(tuned, spec, images),
            torch.from_numpy(images.labels),
            [str(row) for row in range(len(images.labels))],
            num_classes=tuned.head.out_features,
            settings=HeadSpec("lr", transform="l2sqrt", C=HEAD_C / (views + 1)),
            seed=seed,
        )
        scores[name] = (top1(head.logits(test_vectors).numpy(), labels), time.perf_counter() - began)
    return scores


def measure(cell: Cell, test: Images, repeats: int, folds: int) -> Scores:
    """Return the scores of LP-FT and of all compositions of one run; of folds where there are any."""
    tuned, spec = load_checkpoint(cell.checkpoint, cell.weights)
    vectors = pooled_vectors(tuned, spec, test)
    with torch.inference_mode():
        own = tuned.head(vectors).numpy()
    scores: Scores = {LP_FT: (top1(own, test.labels), 0.0)}
    scores |= score_wise(cell, test)
    scores |= score_ensembles(cell, test, own, repeats) if repeats else {}
    scores |= score_folds(cell, test, folds) if folds else {}
    return scores | score_views(cell, vectors, test.labels)


def _classes(cell: Cell) -> int:
    return len(load_head(cell.run / f"probe/{cell.recipe().plain['start']}/head.safetensors").tensors["bias"])


class Run:
    """A finished run's folder ``results``, seen from one dataset and backbone."""

    def __init__(self, results: Path, names: str, options: Mapping[str, object]) -> None:
        dataset, backbone = names.split("/")
        self.results, self.names = results, (dataset, backbone)
        self.weights = results / "weights" / backbone
        self.manifest = read_manifest(results / f"datasets/{dataset}/manifest.parquet")
        source = read_record(results / f"sources/{dataset}/source.json")
        kept = {key: value for key, value in options.items() if key in READING_OPTIONS}
        reading = read_reading({"source": source["source"], "transform": "squash", "options": kept})
        spec = build_classifier(self.weights, 2)[1]
        self._read = ImageReader(source, reading, spec, workers=1).read

    def test(self, count: int) -> Images:
        """Return at most ``count`` test images, spread evenly over the manifest, which is in class order."""
        rows = split_rows(self.manifest, "test")
        rows = rows.iloc[np.linspace(0, len(rows) - 1, min(count, len(rows))).astype(int)]
        return Images(self._read(rows), labels_of(rows))

    def cell(self, selector: str, budget: str, seed: int) -> Cell:
        """Return one run of phase 2."""
        stem = "/".join((*self.names, selector, budget, f"seed{seed}"))
        rows = labelled_rows(self.manifest, self.results / f"selections/{stem}.csv")
        labelled = Images(self._read(rows), labels_of(rows))
        return Cell(self.weights, self.results / f"runs/{stem}", labelled, tuple(stem.split("/")))


def measured(path: Path, selector: str, seed: int, measure_it: Callable[[], Scores]) -> Scores:
    """Return the scores of a run from the file, or measure them and append them as a JSON line."""
    for line in path.read_text().splitlines() if path.is_file() else ():
        if (record := json.loads(line))["selector"] == selector and record["seed"] == seed:
            return {name: tuple(pair) for name, pair in record["scores"].items()}
    scores = measure_it()
    with path.open("a") as file:
        file.write(json.dumps({"selector": selector, "seed": seed, "scores": scores}) + "\n")
    return scores


def table(selector: str, runs: Sequence[Scores]) -> Iterator[str]:
    """Yield a Markdown row of each composition: over runs that are paired by labelled and test images."""
    base = np.array([100 * run[LP_FT][0] for run in runs])
    for name in runs[0]:
        right, seconds = np.array([run[name] for run in runs]).T * [[100], [1]]
        gain = right - base
        low, high = paired_interval([gain])
        spread = right.std(ddof=1) if len(right) > 1 else float("nan")
        beside = f"{gain.mean():+.1f} [{low:+.1f}, {high:+.1f}] | {int((gain > 0).sum())} of {len(gain)}"
        row = f"| {selector} | {name} | {right.mean():.1f} ± {spread:.1f}"
        yield f"{row} | {beside} | {np.median(seconds):.0f} s |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", help="DATASET/BACKBONE of the run")
    parser.add_argument("--results", type=Path, default=Path("results"))
    parser.add_argument("--selectors", nargs="+", default=["activeft", "random"])
    parser.add_argument("--budget", default="50img")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--folds", type=int, default=0)
    parser.add_argument("--test-images", type=int, default=2000)
    parser.add_argument("--options", type=json.loads, default={}, help="JSON of the dataset's options")
    parser.add_argument("--scores", type=Path, required=True)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    run = Run(asked.results, asked.names, asked.options)
    test, runs = run.test(asked.test_images), {selector: [] for selector in asked.selectors}
    for seed in asked.seeds:
        for selector in asked.selectors:
            cell = run.cell(selector, asked.budget, seed)
            scores = measured(
                asked.scores,
                selector,
                seed,
                lambda cell=cell: measure(cell, test, asked.repeats, asked.folds),
            )
            runs[selector].append(scores)
            print(
                selector,
                seed,
                {name: f"{100 * right:.1f}" for name, (right, _) in scores.items()},
                flush=True,
            )
    for selector, found in runs.items():
        print(*table(selector, found), sep="\n")


if __name__ == "__main__":
    main()
