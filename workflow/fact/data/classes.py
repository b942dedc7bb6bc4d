"""The class names of a data set, in label order, as ``classes.json``."""

import json
from pathlib import Path

from fact.publish import publish_text


def write_classes(path: Path, classes: list[str]) -> None:
    """Publish the class names."""
    publish_text(path, json.dumps(classes, ensure_ascii=False, indent=1) + "\n")


def read_classes(path: Path) -> list[str]:
    """The class names in a ``classes.json``, in label order. Raises ValueError for anything else."""
    if not Path(path).is_file():
        raise FileNotFoundError(f"{path} does not exist; run rule index_dataset to write it")
    classes = json.loads(Path(path).read_text(encoding="utf-8"))
    if not isinstance(classes, list) or not all(isinstance(name, str) for name in classes):
        raise ValueError(f"{path} is not a list of class names; delete it and index again")
    if len(set(classes)) != len(classes):
        raise ValueError(f"{path} names a class twice; delete it and index again")
    return classes
