"""The whole paper in miniature: its eight datasets in their on-disk formats, random backbones, two epochs."""

from pathlib import Path

import yaml
from aircraft_copy import write_copy as write_aircraft
from cars_copy import write_original as write_cars
from cifar_copies import write_cifar100
from cifar_copies import write_copy as write_cifar10
from fact.config.registries import REGISTRIES, merge
from imagenet_copies import write_flat_validation, write_kaggle_lists, write_train
from noise_image import write_noise
from segmentation_data import write_ade20k

# where each dataset lies, and the one budget that it has
DATASETS = {
    "cifar10": ("cifar10", "20img"),
    "cifar100": ("cifar100", "20img"),
    "imagenet1k": ("imagenet", "6img"),
    "cifar10_lt": ("cifar10", "20img"),
    "cifar100_lt": ("cifar100", "20img"),
    "stanford_cars": ("cars", "3img"),
    "fgvc_aircraft": ("aircraft", "5img"),
    "ade20k": ("ade20k", "3img"),
}
SIZES = {
    "convnext_tiny": {"depths": [1, 1, 1, 1], "dims": [8, 16, 24, 32]},
    "vil2_small": {"img_size": 32, "embed_dim": 32, "depth": 2},
}
VIT = {"img_size": 32, "patch_size": 8, "embed_dim": 32, "depth": 4, "num_heads": 2}
# crops of four cells of a ViT that must have four blocks, and a few steps
STEPS = {"iterations": 4, "warmup_iterations": 1}
SEGMENTATION = {
    "images": {"short_side": 32, "crop_size": 32},
    "decoder": {"channels": 8, "auxiliary_channels": 4, "pool_scales": [1, 2]},
    "training": {**STEPS, "batch_size": 2, "report_every": 2},
    "maps": {"views": 1},
    "heads": {"frofa": {"training": STEPS, "search": STEPS, "folds": 2}},
}
# rows beyond the paper that are left out: all but LR-frozen, in tables of one backbone
PEERS = ("random", "kmeans", "kcenter", "typiclust", "maxherding", "probcover", "bilaf")
LEFT_OUT = (*PEERS, "-auto", "within budget")


def write_datasets(folder: Path) -> None:
    """Copies of a few images each, in the formats that the real ones have."""
    write_cifar10(folder / "cifar10", per_batch=20)
    write_cifar100(folder / "cifar100", pool=2, test=1)
    write_train(folder / "imagenet/ILSVRC/Data/CLS-LOC/train", write_noise)
    write_flat_validation(folder / "imagenet/ILSVRC/Data/CLS-LOC/val", write_noise)
    write_kaggle_lists(folder / "imagenet")
    write_cars(folder / "cars", write_noise)
    write_aircraft(folder / "aircraft", write_noise)
    write_ade20k(folder / "ade20k")


def write_overlay(path: Path, config: Path, data: Path) -> None:
    """What makes config/paper.yaml small, for the copies in ``data``."""
    declared: dict = {}
    for name in (*REGISTRIES, "paper"):
        declared = merge(declared, yaml.safe_load((config / f"{name}.yaml").read_text("utf-8")))
    overlay = {
        "run": {"seeds": [0], "rows": _few(declared["run"]["rows"]), "report": []},
        "datasets": {
            name: _dataset(name, data / place, budget) for name, (place, budget) in DATASETS.items()
        },
        "backbones": {
            name: _backbone(name, declared["backbones"][name]["model"]) for name in _backbones(declared)
        },
        "selectors": {
            "activeft": {"params": {"iterations": 3}},
            "bilaf": {"params": {"core": 3, "iterations": 3}},
            "vecaf-oracle": {"params": {"iterations": 3}},
        },
        "calibrations": {"activedc": {"params": {"restarts": 1}}},
        "training": {"epochs": 2, "warmup_epochs": 1},
        "recipes": {name: {"epochs": 2, "history_every": 1} for name in declared["recipes"]},
        "probes": {"sgd": {"training": {"epochs": 2}}, "lbfgs": {"C": 10.0}},
        "heads": {name: {"C": 10.0, "rho": 10.0} for name in declared["heads"]},
        "segmentation": SEGMENTATION,
        "tables": {name: _table(name, table) for name, table in declared["tables"].items()},
    }
    path.write_text(yaml.safe_dump(overlay))


def _few(rows: list[str], more: tuple[str, ...] = ()) -> list[str]:
    return [row for row in rows if not any(word in row for word in (*LEFT_OUT, *more))]


def _table(name: str, table: dict) -> dict:
    few: dict = {}
    if table.get("rows"):
        few["rows"] = _few(table["rows"], ("LR-frozen",) if len(table["backbones"]) > 1 else ())
    if table.get("steps"):
        few["steps"] = [step for step in table["steps"] if len(_few(step)) == 2]
    if table.get("budgets"):
        few["budgets"] = {dataset: [DATASETS[dataset][1]] for dataset in table["budgets"]}
    # the many backbones and heads, on one dataset each
    if name in ("table5", "table8_variants"):
        few["datasets"] = ["cifar10"]
    return few


def _dataset(name: str, root: Path, budget: str) -> dict:
    tail = {"options": {"imbalance": 2, "test_balance": "balanced"}} if name.endswith("_lt") else {}
    own = {"activeft": {"iterations": 3, "batch_size": None}, "bilaf": {"core": 3, "batch_size": None}}
    return {"root": str(root), "budgets": [budget], "selectors": own, **tail}


def _backbones(config: dict) -> list[str]:
    return list(
        dict.fromkeys(name for table in config["tables"].values() for name in table.get("backbones") or [])
    )


def _backbone(name: str, model: str) -> dict:
    return {
        "model": model.split(".")[0],
        "weights": "random",
        "model_args": SIZES.get(name, VIT),
        "image_size": 32,
        "interpolation": "bicubic",
    }
