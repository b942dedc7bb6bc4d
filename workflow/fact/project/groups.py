"""The groups of a new project: what was asked, checked on the images, with their table in the project."""

from collections.abc import Mapping
from pathlib import Path

from fact.config.groups import FORMS, groups_problem, table_of
from fact.data.grouping import group_images, write_groups
from fact.data.image_names import NAME_COLUMNS
from fact.data.path_text import to_text
from fact.data.walk import walk_images
from fact.infra.errors import ConfigError
from fact.project.labels.sheet import sheet_columns, sheet_records
from fact.project.settings import Asked

TABLE = "groups.csv"


def groups_of(asked: Asked) -> tuple[str | None, Mapping[str, str]]:
    """Return what the configuration says of groups, and the rows of a table for the project, if it needs one.

    A table is read here and written into the project, which may move. Raises ConfigError for groups of no
    known form, and where no image, or every one, is in the same group.
    """
    if asked.groups is None:
        return None, {}
    names = list(map(to_text, walk_images(asked.images).images))
    table, column = _table(asked)
    if table is None:
        if problem := groups_problem(asked.groups):
            raise ConfigError(f"--groups {asked.groups} {problem}; give {FORMS}, or a column of --labels")
        group_images(names, asked.groups)
        return asked.groups, {}
    return f"{TABLE}:group", _rows(table, column, names)


def write_table(folder: Path, rows: Mapping[str, str]) -> None:
    """Write the table of groups into the project's folder, if there is one."""
    if rows:
        write_groups(folder / TABLE, rows)


def _table(asked: Asked) -> tuple[Path | None, str]:
    """Return the table and the column that are meant: FILE:COLUMN, or a column of the labels."""
    groups = asked.groups or ""
    if file := table_of(groups):
        return Path(file), groups.rpartition(":")[2]
    own = asked.labels
    if own and own.is_file() and own.suffix.lower() == ".csv" and groups in sheet_columns(own):
        return own, groups
    return None, ""


def _rows(table: Path, column: str, names: list[str]) -> dict[str, str]:
    if column not in sheet_columns(table):
        raise ConfigError(f"--groups: {table} has no column {column!r}; it has {sheet_columns(table)}")
    found = {}
    for _, record in sheet_records(table):
        image = next((record[key] for key in NAME_COLUMNS if record.get(key)), "")
        found[image] = record[column].strip()
    return group_images(names, f"{table}:{column}", found)
