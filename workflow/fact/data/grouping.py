"""Images that belong together: frames of one video, photographs of one thing, patient or place.

A dataset's ``groups`` says which, in one of three ways: ``folder`` (the folder that an image lies in), a
regular expression with a group in parentheses (what these match in the image's path names the group), or
``FILE:COLUMN`` (a column of a table that names images as label tables do). An image that none of them names
is a group of its own.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from fact.config.groups import FOLDER
from fact.data.image_names import NAME_COLUMNS, ImageNames
from fact.data.path_text import to_path
from fact.infra.errors import ConfigError
from fact.infra.files.csv_file import csv_text, read_csv
from fact.infra.files.publish import publish_text
from fact.infra.files.spreadsheet import escape_formula, unescape_formula

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

COLUMNS = ["sample_id", "group"]


def group_images(
    sample_ids: Sequence[str], groups: str, table: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the group of each image that has one. ``table``: what :func:`read_table` returns, of
    ``FILE:COLUMN``.

    Raises ConfigError where no image has a group, and where all are in one.
    """
    if groups == FOLDER:
        found = {name: str(PurePosixPath(to_path(name)).parent) for name in sample_ids}
    elif table is not None:
        found = _by_table(sample_ids, table)
    else:
        found = _by_pattern(sample_ids, groups)
    if not found:
        raise ConfigError(f"groups: {groups} names a group of none of {len(sample_ids)} images; change it")
    if len(found) == len(sample_ids) > 1 and len(set(found.values())) == 1:
        raise ConfigError(
            f"groups: {groups} puts all {len(sample_ids)} images into one group, "
            f"{next(iter(found.values()))!r}, and nothing could be held out; change it"
        )
    return found


def group_numbers(sample_ids: Sequence[str], files: Sequence[str]) -> "NDArray[np.int64] | None":
    """Return a number (n,) from 0 on of each image's group; None without a list of groups."""
    import numpy as np

    names = names_of_groups(sample_ids, files)
    return None if names is None else np.unique(names, return_inverse=True)[1]


def read_table(path: Path, column: str) -> dict[str, str]:
    """Return the groups of a table's column by what names the image.

    Raises ConfigError without such columns.
    """
    header, *rows = read_csv(path, "save it as CSV UTF-8") or [[]]
    named = next((name for name in NAME_COLUMNS if name in header), None)
    if named is None or column not in header:
        raise ConfigError(
            f"groups: {path} has the columns {header}; it needs {column!r} and one of "
            f"{list(NAME_COLUMNS)}, separated by commas"
        )
    columns = header.index(named), header.index(column)
    cells = ([unescape_formula(row[at]) if at < len(row) else "" for at in columns] for row in rows)
    return {name: group.strip() for name, group in cells}


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


def names_of_groups(sample_ids: Sequence[str], files: Sequence[str]) -> list[str] | None:
    """Return the name of each image's group, as a job has it in a list of one file or none; None for none.

    An image without a group is one by itself, of a name that no group has.
    """
    if not files:
        return None
    groups = read_groups(Path(files[0]))
    return [f"group {groups[name]}" if name in groups else f"image {name}" for name in sample_ids]


def _by_pattern(sample_ids: Sequence[str], groups: str) -> dict[str, str]:
    pattern = re.compile(groups)
    matches = ((name, pattern.search(to_path(name))) for name in sample_ids)
    return {name: "/".join(part or "" for part in match.groups()) for name, match in matches if match}


def _by_table(sample_ids: Sequence[str], table: Mapping[str, str]) -> dict[str, str]:
    names, known = ImageNames({name: name for name in sample_ids}), set(sample_ids)
    pairs = ((name if name in known else names.find(name), group) for name, group in table.items())
    return {name: group for name, group in pairs if name is not None and group}
