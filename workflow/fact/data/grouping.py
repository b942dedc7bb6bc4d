"""Images that belong together: frames of one video, photographs of one thing, patient or place.

A dataset's ``groups`` says which, in one of three ways: ``folder`` (the folder that an image lies in), a
regular expression with a group in parentheses (what these match in the image's path names the group), or
``FILE:COLUMN`` (a column of a table that names images as label tables do). An image that none of them names is
a group of its own.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from fact.data.image_names import ImageNames
from fact.data.path_text import to_path
from fact.infra.errors import ConfigError
from fact.infra.files.csv_file import csv_text, read_csv
from fact.infra.files.publish import publish_text
from fact.infra.files.spreadsheet import escape_formula, unescape_formula

FOLDER = "folder"
COLUMNS = ["sample_id", "group"]
# columns that may name an image, the first that is there
IMAGE_COLUMNS = ("sample_id", "path", "file_name", "filename", "image")


def groups_problem(groups: str) -> str:
    """Return what is wrong with the text of ``groups``; empty for one of the three forms."""
    if groups == FOLDER or _is_table(groups):
        return ""
    try:
        pattern = re.compile(groups)
    except re.error as error:
        return f"is no regular expression ({error})"
    return "" if pattern.groups else "has no group in parentheses, and is not FILE:COLUMN or folder"


def table_of(groups: str | None) -> str | None:
    """Return the file of ``FILE:COLUMN``; None for another form."""
    return groups.rpartition(":")[0] if groups and _is_table(groups) else None


def group_images(sample_ids: Sequence[str], groups: str, table: Path | None = None) -> dict[str, str]:
    """Return the group of each image that has one. ``table``: the file of ``FILE:COLUMN``.

    Raises ConfigError where no image has a group, where all are in one, and for a table that cannot be used.
    """
    if groups == FOLDER:
        found = {name: str(PurePosixPath(to_path(name)).parent) for name in sample_ids}
    elif table is not None:
        found = _by_table(sample_ids, table, groups.rpartition(":")[2])
    else:
        found = _by_pattern(sample_ids, groups)
    if not found:
        raise ConfigError(f"groups: {groups} names a group of none of {len(sample_ids)} images; change it")
    if len(found) == len(sample_ids) > 1 and len(set(found.values())) == 1:
        raise ConfigError(
            f"groups: {groups} puts all {len(sample_ids)} images into one group, {next(iter(found.values()))!r}; "
            "nothing could be held out; change it"
        )
    return found


def write_groups(path: Path, groups: Mapping[str, str]) -> None:
    """Publish groups by sample id as ``sample_id, group``."""
    rows = ([escape_formula(cell) for cell in row] for row in groups.items())
    publish_text(path, csv_text([COLUMNS, *rows]))


def read_groups(path: Path) -> dict[str, str]:
    """Return groups by sample id. Raises FileNotFoundError, and ConfigError for another file."""
    header, *rows = read_csv(path, "delete it and run again") or [[]]
    if header != COLUMNS or any(len(row) != len(COLUMNS) for row in rows):
        raise ConfigError(f"{path} is no list of groups; delete it and run again")
    return {unescape_formula(name): unescape_formula(group) for name, group in rows}


def group_numbers(sample_ids: Sequence[str], groups: Mapping[str, str]) -> NDArray[np.int64]:
    """Return the number (n,) of each image's group, from 0 on in the order of the images.

    An image without a group is one by itself.
    """
    numbers: dict[tuple[bool, str], int] = {}
    keys = [(name in groups, groups.get(name, name)) for name in sample_ids]
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], np.int64)


def _is_table(groups: str) -> bool:
    return (
        "(" not in groups and ":" in groups and groups.lower().rpartition(":")[0].endswith((".csv", ".tsv"))
    )


def _by_pattern(sample_ids: Sequence[str], groups: str) -> dict[str, str]:
    pattern = re.compile(groups)
    matches = ((name, pattern.search(to_path(name))) for name in sample_ids)
    return {name: "/".join(part or "" for part in match.groups()) for name, match in matches if match}


def _by_table(sample_ids: Sequence[str], table: Path, column: str) -> dict[str, str]:
    header, *rows = read_csv(table, "save it as CSV UTF-8") or [[]]
    named = next((name for name in IMAGE_COLUMNS if name in header), None)
    if named is None or column not in header:
        raise ConfigError(
            f"groups: {table} has the columns {header}; it needs {column!r} and one of "
            f"{list(IMAGE_COLUMNS)}, separated by commas"
        )
    columns = header.index(named), header.index(column)
    names = ImageNames({name: name for name in sample_ids})
    cells = ([unescape_formula(row[at]) if at < len(row) else "" for at in columns] for row in rows)
    known = set(sample_ids)
    pairs = ((name if name in known else names.find(name), group.strip()) for name, group in cells)
    return {name: group for name, group in pairs if name is not None and group}
