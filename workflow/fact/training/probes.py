"""Phase 1: which module fits a kind of probe."""

from importlib import import_module
from types import ModuleType

PROBES = {"lbfgs": "fact.training.heads.converged", "sgd": "fact.training.sgd_probe"}


def load_probe(kind: str) -> ModuleType:
    """The module whose ``fit_probe`` fits this kind.

    Imported by name, so that each kind has a code version of its own.
    """
    return import_module(PROBES[kind])
