"""The template, style and script of the page: they are no modules, so that no code version covers them."""

import hashlib
from pathlib import Path

FOLDER = Path(__file__).parent
TEMPLATES = ("page.html.j2", "page.css", "report.css", "page.js")


def templates_sha256() -> str:
    """Return the checksum of what the page is written with beside modules."""
    return hashlib.sha256(b"".join((FOLDER / name).read_bytes() for name in TEMPLATES)).hexdigest()
