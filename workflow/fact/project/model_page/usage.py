"""How to predict with the model: commands for the project's folder, and the files that are there."""

import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from fact.model.card import use_rows
from fact.project.model_page.findings import NEXT, Findings
from fact.project.shown import shown

CARD = "README.md"
_FIRST = re.compile(r"`([^`]+)`")


class Usage(NamedTuple):
    """A command, lines of Python, address of the card, the list of images to label next, and rows of files
    with what each is for (Markdown).
    """

    command: str
    python: str
    folder: str
    card: str
    following: str
    files: list[tuple[str, str]]


def usage(findings: Findings) -> Usage:
    """Return what there is to predict with. Paths are relative to the project's folder."""
    model = findings.below(findings.project.model)
    lines = [
        "import fact",
        f"model = fact.load_model({model!a})",
        'for found in model.predict(["a.jpg", "b.jpg"]):',
        "    print(found.label, found.probability)",
    ]
    rows = use_rows(findings.config, findings.exports)
    there = [(names, use) for names, use in rows if _is_there(findings.project.model, names)]
    command = f"fact predict {shown(model)} FOLDER --out predictions.csv"
    return Usage(
        command,
        "\n".join(lines),
        model,
        f"{quote(model)}/{CARD}",
        following=shown(f"{model}/{NEXT}"),
        files=there,
    )


def _is_there(model: Path, names: str) -> bool:
    """Whether the first file that the card names is there."""
    found = _FIRST.search(names)
    return found is not None and (model / found[1]).exists()
