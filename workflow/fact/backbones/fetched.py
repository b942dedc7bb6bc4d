"""Which of the declared backbones have been fetched, and whether their files are whole."""

from pathlib import Path
from typing import Literal, NamedTuple

from fact.backbones.weights import load_backbone


class Fetched(NamedTuple):
    """What was found of a backbone's weights; ``said`` is the sha256, or what is wrong and the remedy."""

    name: str
    status: Literal["ok", "absent", "damaged"]
    said: str


def check_weights(name: str, folder: Path) -> Fetched:
    """Read a backbone's weights folder as the workflow would: hash, architecture, every tensor."""
    if not folder.is_dir():
        return Fetched(name, "absent", "not fetched yet")
    try:
        _, spec = load_backbone(folder)
    except (FileNotFoundError, RuntimeError, ValueError) as error:
        return Fetched(name, "damaged", " ".join(str(error).split()))
    return Fetched(name, "ok", f"sha256 {spec.weights_sha256}")
