"""The class names of a data set, in label order, as ``classes.json``."""

from pathlib import Path

from fact.infra.errors import ArtifactError
from fact.infra.files.record import publish_record, read_record


def write_classes(path: Path, classes: list[str]) -> None:
    """Publish the class names."""
    publish_record(path, {"classes": classes})


def read_classes(path: Path) -> list[str]:
    """The class names in a ``classes.json``, in label order. Raises ArtifactError for anything else."""
    classes = read_record(path).get("classes")
    if not isinstance(classes, list) or not all(isinstance(name, str) for name in classes):
        raise ArtifactError(f"{path} is not a list of class names; delete it and index again")
    if len(set(classes)) != len(classes):
        raise ArtifactError(f"{path} names a class twice; delete it and index again")
    return classes
