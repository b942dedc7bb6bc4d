"""The version of a stage: that of its code, and of the libraries that can change its numbers."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from fact.infra.process.code_version import PACKAGE, code_version, imported_libraries, installed_version

IMPORT_NAMES = {
    "numba": "numba",
    "numpy": "numpy",
    "onnx": "onnx",
    "peft": "peft",
    "pillow": "PIL",
    "scikit-learn": "sklearn",
    "scipy": "scipy",
    "timm": "timm",
    "faiss-cpu": "faiss",
    "torch": "torch",
    "torchvision": "torchvision",
    "transformers": "transformers",
}
"""Names of distributions that `run.rerun_on` may name, and the names that code imports them by."""

PARTS = {"major": 1, "minor": 2, "patch": 3}


class Stage(NamedTuple):
    """What makes the version of a stage: script, modules imported by a computed name, watched libraries."""

    script: str
    modules: Sequence[str]
    rerun_on: Mapping[str, str]


def stage_version(stage: Stage, root: Path = PACKAGE) -> str:
    """Return the version of a stage, such as ``0123456789abcdef+timm-1.0+torch-2.13``.

    A library counts where ``rerun_on`` names it and a module of the stage imports it, anywhere in its code.
    """
    code = code_version(*stage.modules, script=Path(stage.script), root=root)
    return "+".join([code, *_libraries(stage, root)])


def _libraries(stage: Stage, root: Path) -> Iterator[str]:
    imported = imported_libraries(*stage.modules, script=Path(stage.script), root=root)
    for name, part in sorted(stage.rerun_on.items()):
        if part != "never" and IMPORT_NAMES[name] in imported:
            yield f"{name}-{shortened(installed_version(name), part)}"


def shortened(number: str, part: str) -> str:
    """Return a version up to its major, minor or patch number: minor is ``2.13`` of ``2.13.0+cpu``."""
    return ".".join(number.partition("+")[0].split(".")[: PARTS[part]])
