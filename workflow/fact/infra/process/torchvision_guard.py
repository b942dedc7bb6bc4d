"""Let torchvision be imported beside a torch of another build.

``pip install`` of a package that needs torchvision takes the package index's build, which is for CUDA. Beside
a CPU build of torch its compiled operators cannot be loaded, and every import of timm, peft or transformers
stops at ``operator torchvision::nms does not exist``. Nothing in FACT calls these operators: declaring their
schemas is enough for the import to go on. ``fact doctor`` says when that was done, and the remedy.

The guard waits for the first import of torchvision: importing ``fact`` stays cheap, and no module needs to
know of it. Where the builds fit, it does nothing.
"""

import importlib.abc
import sys
from collections.abc import Sequence
from functools import cache
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)


class TorchvisionGuard(importlib.abc.MetaPathFinder):
    """Declares missing operators when torchvision is first looked for; finds no module itself."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return None, so that the ordinary finders go on."""
        if name == "torchvision":
            sys.meta_path.remove(self)
            operators_are_foreign()
        return None


def guard_torchvision() -> None:
    """Put the guard before the ordinary finders; a second one changes nothing."""
    is_new = not any(isinstance(finder, TorchvisionGuard) for finder in sys.meta_path)
    if is_new and "torchvision" not in sys.modules:
        sys.meta_path.insert(0, TorchvisionGuard())


@cache
def operators_are_foreign() -> bool:
    """Declare torchvision's operators where they cannot be loaded; return whether that was so."""
    import torch

    if _operators_load():
        return False
    # the library object must stay alive, or torch forgets the schemas
    vars(operators_are_foreign)["library"] = library = torch.library.Library("torchvision", "DEF")
    for schema in SCHEMAS:
        library.define(schema)
    return True


def _operators_load() -> bool:
    """Return whether torchvision's compiled operators can be loaded into this torch."""
    import torch

    spec = PathFinder.find_spec("torchvision")
    if spec is None or spec.origin is None:
        return False
    for library in sorted(Path(spec.origin).parent.glob("_C*.so")):
        try:
            torch.ops.load_library(str(library))
        except OSError:
            return False
    return hasattr(torch.ops.torchvision, "nms")
