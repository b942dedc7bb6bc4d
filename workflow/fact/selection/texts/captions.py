"""What is said of an image: a template with its class, or a caption of its own from a CSV."""

from collections.abc import Sequence
from pathlib import Path

from fact.infra.errors import DataError
from fact.infra.files.csv_file import read_csv


def class_sentences(template: str, classes: Sequence[str]) -> list[str]:
    """Return the template with each class name in the place of ``{label}``; underscores become spaces.

    Raises DataError for a template without that place.
    """
    if "{label}" not in template:
        raise DataError(f"caption template {template!r} has no place for the class; write {{label}} into it")
    return [template.replace("{label}", name.replace("_", " ")) for name in classes]


def read_captions(path: Path, sample_ids: Sequence[str]) -> list[str]:
    """Return a caption for each image, from a CSV with the columns ``sample_id`` and ``caption``.

    Raises FileNotFoundError, and DataError for other columns and for an image without a caption.
    """
    header, *lines = read_csv(path, "save it as CSV UTF-8") or [[]]
    if not {"sample_id", "caption"} <= set(header):
        raise DataError(f"{path} has the columns {header}; captions need sample_id and caption")
    rows = [dict(zip(header, line, strict=False)) for line in lines]
    captions = {row["sample_id"]: row.get("caption", "") for row in rows}
    missing = [sample_id for sample_id in sample_ids if not captions.get(sample_id)]
    if missing:
        raise DataError(
            f"{path} has no caption for {len(missing)} of {len(sample_ids)} pool images, {missing[0]} for one"
        )
    return [captions[sample_id] for sample_id in sample_ids]
