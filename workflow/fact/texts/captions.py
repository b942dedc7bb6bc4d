"""What is said of an image: a template with its class, or a caption of its own from a CSV."""

import csv
from collections.abc import Sequence
from pathlib import Path


def class_sentences(template: str, classes: Sequence[str]) -> list[str]:
    """The template with each class name in the place of ``{label}``; underscores become spaces.

    Raises ValueError for a template without that place.
    """
    if "{label}" not in template:
        raise ValueError(f"caption template {template!r} has no place for the class; write {{label}} into it")
    return [template.replace("{label}", name.replace("_", " ")) for name in classes]


def read_captions(path: Path, sample_ids: Sequence[str]) -> list[str]:
    """A caption for each image, from a CSV with the columns ``sample_id`` and ``caption``.

    Raises FileNotFoundError, and ValueError for other columns and for an image without a caption.
    """
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if not {"sample_id", "caption"} <= set(reader.fieldnames or []):
            raise ValueError(
                f"{path} has the columns {reader.fieldnames}; captions need sample_id and caption"
            )
        captions = {row["sample_id"]: row["caption"] for row in reader}
    missing = [sample_id for sample_id in sample_ids if not captions.get(sample_id)]
    if missing:
        raise ValueError(
            f"{path} has no caption for {len(missing)} of {len(sample_ids)} pool images, {missing[0]} for one"
        )
    return [captions[sample_id] for sample_id in sample_ids]
