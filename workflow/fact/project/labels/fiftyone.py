"""FiftyOne's ``FiftyOneImageClassificationDataset``: ``data/`` with the images and ``labels.json``.

``labels.json`` is ``{"classes": names, "labels": {stem of a file in data/: position in classes, or null}}``
(docs.voxel51.com, "Loading data from disk"); FiftyOne exports the same.
``mapping.csv`` (:mod:`fact.project.labels.handed_files`) says which file is which sample.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from fact.infra.errors import LabelError
from fact.infra.files.publish import publish_text
from fact.project.labels.handed_files import hand_out, read_mapping
from fact.project.labels.vote import Vote, stripped


def write_fiftyone(
    out: Path, paths: Mapping[str, str], root: Path, classes: Sequence[str] = (), *, copy: bool = False
) -> None:
    """Hand out every image in ``out/data/``, as link or copy, and publish ``labels.json``; path by sample id.

    Raises what :func:`fact.project.labels.handed_files.hand_out` does.
    """
    hand_out(out, "data", paths, root=root, copy=copy)
    labels = {Path(name).stem: None for name in read_mapping(out)}
    publish_text(
        out / "labels.json", json.dumps({"classes": list(classes), "labels": labels}, indent=1) + "\n"
    )


def read_fiftyone(path: Path, exported: Mapping) -> list[Vote]:
    """Return the votes of a ``labels.json`` (parsed: ``exported``) beside the ``mapping.csv`` that was
    handed out.

    Raises FileNotFoundError without the mapping, and LabelError for another structure.
    """
    samples = {Path(name).stem: sample_id for name, sample_id in read_mapping(path.parent).items()}
    try:
        return [
            Vote(
                samples.get(key, ""),
                _choice(exported["classes"], label),
                path.name,
                origin=f"{path.name}, {key}",
            )
            for key, label in exported["labels"].items()
        ]
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise LabelError(
            f"{path} is no labels.json of FiftyOne ({error}); export a FiftyOneImageClassificationDataset"
        ) from error


def _choice(classes: Sequence[str], label: int | str | None) -> tuple[str, ...]:
    """Return a label is a position, or a name where FiftyOne was given no classes."""
    if label is None:
        return ()
    if isinstance(label, int) and not 0 <= label < len(classes):
        raise IndexError(f"label {label} of {len(classes)} classes")
    return stripped([classes[label] if isinstance(label, int) else label])
