"""What every augmentation promises: a token map on the unit interval in, another one out.

An augmentation is a module of :mod:`fact.training.frofa.ops` with two functions

    numbers(shape, variant) -> int
    change(x, u, strength) -> Tensor

``numbers`` says how many random numbers an image takes, for a map of ``shape (H, W, C)``. ``change`` maps
``x (n, H, W, C)`` on 0..1 to the same shape, dtype and interval, by ``u (n, numbers)`` float32, uniform in
-1..1, and ``strength`` in 0..1, which scales how far it may go: 0 is no change. Images do not see each other.
To add an augmentation, add its file: the name of the module is its name in ``config/heads.yaml``, and
``tests/unit/training/frofa/test_contract.py`` finds it by itself.
"""

import importlib
import pkgutil
from types import ModuleType

from fact.infra.errors import ConfigError

PACKAGE = "fact.training.frofa.ops"


def load_operation(name: str) -> ModuleType:
    """Return the module of an augmentation. Raises ConfigError with the available names for another one."""
    if name not in operation_names():
        raise ConfigError(f"FroFA: no augmentation {name!r}; available: {', '.join(operation_names())}")
    return importlib.import_module(f"{PACKAGE}.{name}")


def operation_names() -> list[str]:
    """Return the names of all augmentations, sorted."""
    return sorted(module.name for module in pkgutil.iter_modules(importlib.import_module(PACKAGE).__path__))
