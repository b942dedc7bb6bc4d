"""A small configuration with every kind of entry."""

import copy
from dataclasses import fields

from fact.config.declared import Config


def of(plain: dict) -> Config:
    """The plain configuration as the library has it; what it leaves out is empty."""
    return Config.from_plain({**{key.name: {} for key in fields(Config)}, **plain})


CONFIG = {
    "run": {
        "datasets": ["digits", "cifar10"],
        "selectors": ["activeft", "random"],
        "methods": ["LP", "FF", "FACT"],
        "seeds": [0, 7],
        "tables": ["table1", "table2"],
    },
    "datasets": {
        "digits": {"backbones": ["vit"], "budgets": ["20img", "100img"], "training": {}, "recipes": {}},
        "cifar10": {"backbones": ["vit", "cnn"], "budgets": ["1pct"], "training": {}, "recipes": {}},
        "aircraft": {"backbones": ["cnn"], "budgets": ["30pct"], "training": {}, "recipes": {}},
    },
    "backbones": {"vit": {"training": {}}, "cnn": {"training": {}}},
    "selectors": {"activeft": {"params": {}}, "random": {"params": {}}},
    "training": {
        "epochs": 50,
        "learning_rate": 0.01,
        "momentum": 0.9,
        "history_every": 1,
        "augmentation": {"flip": 0.5, "crop_scale": [0.08, 1.0]},
    },
    "recipes": {
        "ff": {"tuner": "full", "start": "random", "epochs": 300},
        "lp-ft": {"tuner": "full", "start": "probe"},
    },
    "probes": {
        "lbfgs": {"kind": "lbfgs", "C": "cv", "folds": 5},
        "sgd": {"kind": "sgd", "training": {"epochs": 40}},
    },
    "methods": {"LP": {"probe": "sgd"}, "FF": {"recipe": "ff"}, "FACT": {"recipe": "lp-ft", "head": "map"}},
    "tables": {
        "table1": {"title": "All", "datasets": None, "selectors": None, "methods": None},
        "table2": {"title": "Few", "datasets": ["cifar10"], "selectors": ["random"], "methods": ["FACT"]},
    },
}


def changed(path: str, value: object) -> dict:
    """CONFIG with one dotted key set."""
    config = copy.deepcopy(CONFIG)
    *above, last = path.split(".")
    place = config
    for name in above:
        place = place[name]
    place[last] = value
    return config


def with_labels() -> dict:
    """CONFIG with labels for cifar10, and a model to choose."""
    config = copy.deepcopy(CONFIG)
    config["datasets"]["cifar10"]["labels"] = "labels.csv"
    config["recipes"] = {
        "lp-lora": {"tuner": "lora", "start": "lbfgs", "epochs": 50},
        "ff": {"tuner": "full", "start": "random", "epochs": 300},
    }
    config["probes"] = {"lbfgs": {"kind": "lbfgs", "C": 1.0}}
    config["training"] = {"epochs": 10, "momentum": 0.9}
    config["heads"] = {"auto": {"kind": "auto"}}
    config["model"] = {"recipes": ["lp-lora", "ff"], "head": "auto", "folds": 4, "seed": 0, "next": 9}
    config["model"]["pool_images"] = 0
    config["run"] |= {"precision": "fp32", "batch_size": 8}
    return config
