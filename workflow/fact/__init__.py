"""FACT: finetuning in active finetuning.

A pool of unlabelled images, a pretrained backbone and a labelling budget go in; a classifier and
an honest account of its accuracy come out. The package holds the science and never imports Snakemake.

The public interface is what :data:`__all__` names, see docs/api.md; everything else may change between
releases. Importing ``fact`` is cheap: torch and the rest are imported by what is used first.
"""

import importlib
from typing import TYPE_CHECKING

from fact.infra.process.torchvision_guard import guard_torchvision

if TYPE_CHECKING:
    from fact.features.store import read_features
    from fact.model.loaded import load_model
    from fact.selection.in_memory import select
    from fact.selection.query import SelectorQuery
    from fact.training.heads.estimator import FactClassifier
    from fact.training.heads.fitted import fit_head

__version__ = "0.1.0"

__all__ = ["FactClassifier", "SelectorQuery", "fit_head", "load_model", "read_features", "select"]

_MODULES = {
    "FactClassifier": "fact.training.heads.estimator",
    "SelectorQuery": "fact.selection.query",
    "fit_head": "fact.training.heads.fitted",
    "load_model": "fact.model.loaded",
    "read_features": "fact.features.store",
    "select": "fact.selection.in_memory",
}

guard_torchvision()


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module 'fact' has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(importlib.import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
