"""What `fact backbones` lists of a backbone, and such rows of the shipped ones, computed beforehand.

To build a backbone, even on the meta device, torch and timm must be imported, for seconds. ``make sizes``
computes the rows of ``config/backbones.yaml`` into a file, and a test computes them anew. An entry that was
changed, or is not among them, is built when it is asked for.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from fact.infra.fields import Settings

STORED = Path(__file__).with_name("backbone_rows.json")
# what sizes depend on
KEYS = ("model", "model_args", "image_size")


class BackboneRow(NamedTuple):
    """A declared backbone; ``tokens`` is (H, W, C) at its own image size, None without a grid."""

    name: str
    parameters: int
    image_size: int
    pooled: int
    tokens: tuple[int, int, int] | None
    license: str | None


def stored_row(name: str, declared: Settings, stored: Path = STORED) -> BackboneRow | None:
    """Return the row of a declared backbone; None where there is none, or one of another entry."""
    row = json.loads(stored.read_text("utf-8")).get(_key(declared))
    if row is None:
        return None
    tokens = row.pop("tokens")
    return BackboneRow(name=name, tokens=tuple(tokens) if tokens else None, **row)


def stored_text(rows: Mapping[str, BackboneRow], entries: Mapping[str, Settings]) -> str:
    """Return the content of the file of rows, by what they depend on."""
    content = {_key(entries[name]): row._asdict() for name, row in rows.items()}
    for row in content.values():
        del row["name"]
    return json.dumps(content, indent=1, sort_keys=True) + "\n"


def _key(declared: Settings) -> str:
    plain = json.dumps({key: declared.get(key) for key in KEYS}, sort_keys=True)
    return f"{declared['model']} {hashlib.sha256(plain.encode()).hexdigest()[:8]}"
