"""FACT: finetuning in active finetuning.

A pool of unlabelled images, a pretrained backbone and a labelling budget go in; a classifier and
an honest account of its accuracy come out. The package holds the science and never imports Snakemake.
Importing it is cheap: torch, timm and peft are imported by the modules that need them.
"""

from typing import TYPE_CHECKING

from fact.infra.process.torchvision_guard import guard_torchvision

if TYPE_CHECKING:
    import os

    from fact.model.loaded import Model

__version__ = "0.1.0"

guard_torchvision()


def load_model(folder: "str | os.PathLike", device: str | None = None) -> "Model":
    """A model that the workflow's target ``model`` wrote: ``fact.load_model(folder).predict(paths)``.

    Raises FileNotFoundError, and ValueError for a folder that is damaged or of another kind.
    """
    from fact.model.loaded import load_model

    return load_model(folder, device)
