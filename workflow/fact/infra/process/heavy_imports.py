"""Import large packages: quickly, and beside a torch build that torchvision's operators do not match.

timm, torchvision, peft and transformers make hundreds of thousands of objects that stay. Python's garbage
collector walks all of them again and again as they grow, and finds nothing: a third of timm's import.

timm, peft and transformers import torchvision. When a CPU build of torch stands beside the package index's
CUDA build of torchvision, the compiled operators cannot be loaded, and the import stops at ``operator
torchvision::nms does not exist``. Nothing in FACT calls these operators; declaring their schemas is enough
for the import to go on.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

SCHEMAS = {
    "nms": "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms": "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
}


@cache
def allow_mismatched_torchvision() -> bool:
    """Declare the missing operator schemas; return True when a mismatch was found."""
    import torch

    if _operators_load():
        return False
    # the library object must stay alive, or torch forgets the schemas
    allow_mismatched_torchvision.library = torch.library.Library("torchvision", "DEF")  # type: ignore[attr-defined]
    for schema in SCHEMAS.values():
        allow_mismatched_torchvision.library.define(schema)  # type: ignore[attr-defined]
    return True


def _operators_load() -> bool:
    """Return whether torchvision's compiled operators can be loaded into this torch."""
    import importlib.util
    from pathlib import Path

    import torch

    spec = importlib.util.find_spec("torchvision")
    if spec is None or spec.origin is None:
        return False
    for library in sorted(Path(spec.origin).parent.glob("_C*.so")):
        try:
            torch.ops.load_library(str(library))
        except OSError:
            return False
    return hasattr(torch.ops.torchvision, "nms")


@contextmanager
def collector_rests() -> Iterator[None]:
    """Let the garbage collector rest within the block."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
