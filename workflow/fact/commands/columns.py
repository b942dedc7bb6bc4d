"""What commands print: rows in columns for people, JSON for scripts."""

import json
from collections.abc import Mapping, Sequence


def print_columns(rows: Sequence[Sequence[str]]) -> None:
    """Print rows of as many texts each, aligned at the left."""
    # the last column may hold sentences and sets no width
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)][:-1]
    for *cells, last in rows:
        print("  ".join([*(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)), last]))


def print_json(content: Mapping[str, object] | Sequence[object]) -> None:
    """Print plain content as JSON, for a script to read."""
    print(json.dumps(content, indent=1, ensure_ascii=False, default=str))
