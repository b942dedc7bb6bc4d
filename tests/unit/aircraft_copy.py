"""Miniature copies of FGVC-Aircraft, with its text files."""

from collections.abc import Callable
from pathlib import Path

VARIANTS = ["707-320", "727-200", "737-200", "An-12", "F-16A/B"]
Write = Callable[..., Path]


def write_copy(root: Path, write_image: Write, folder: str = "fgvc-aircraft-2013b/data") -> Path:
    data = root / folder
    lines: dict[str, list[str]] = {"trainval": [], "test": []}
    for number, variant in enumerate(VARIANTS * 3):
        write_image(data / "images" / f"{1025794 + number:07d}.jpg", seed=number)
        lines["test" if number < len(VARIANTS) else "trainval"].append(f"{1025794 + number:07d} {variant}")
    (data / "variants.txt").write_text("".join(f"{variant}\n" for variant in VARIANTS))
    for split, texts in lines.items():
        (data / f"images_variant_{split}.txt").write_text("".join(f"{text}\n" for text in texts))
    return data
