"""The three forms of a dataset's ``groups``: ``folder``, a regular expression, ``FILE:COLUMN``."""

import re

FOLDER = "folder"
FORMS = "folder, a regular expression such as ^(track\\d+)_ for names, or FILE.csv:COLUMN"


def groups_problem(groups: str) -> str:
    """Return what is wrong with the text of ``groups``; empty for one of the three forms."""
    if groups == FOLDER or is_table(groups):
        return ""
    try:
        pattern = re.compile(groups)
    except re.error as error:
        return f"is no regular expression ({error})"
    return "" if pattern.groups else "has no part in parentheses that names the group"


def is_table(groups: str) -> bool:
    """Return whether it is ``FILE:COLUMN``."""
    return "(" not in groups and groups.rpartition(":")[0].lower().endswith(".csv")


def table_of(groups: str | None) -> str | None:
    """Return the file of ``FILE:COLUMN``; None for another form."""
    return groups.rpartition(":")[0] if groups and is_table(groups) else None
