"""Cells that a spreadsheet would run as a formula, written so that it does not, and read back the same.

A cell may run from its start (OWASP, "CSV Injection"), or from within where the spreadsheet splits lines at
another delimiter than the one they were written with: there an apostrophe goes in front of the sign too.
"""

import re

# the wide signs are taken for the narrow ones
SIGNS = "=+\\-@＝＋－＠"
STARTS = f"{SIGNS}\t\r\n"
DELIMITERS = ';,\t\r\n"'
# further apostrophes may stand before the sign, so that a guarded cell can itself be guarded and read back
GUARD = re.compile(f"^(?='*[{STARTS}])|(?<=[{DELIMITERS}])(?='*[{SIGNS}])")
UNGUARD = re.compile(f"^'(?='*[{STARTS}])|(?<=[{DELIMITERS}])'(?='*[{SIGNS}])")


def escape_formula(cell: str) -> str:
    """Return the cell with an apostrophe wherever a spreadsheet would run it."""
    return GUARD.sub("'", cell)


def unescape_formula(cell: str) -> str:
    """Return what :func:`escape_formula` was given.

    A cell that lost its apostrophe, or never had one, is taken as it is."""
    return UNGUARD.sub("", cell)
