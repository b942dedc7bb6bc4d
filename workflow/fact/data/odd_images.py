"""Images to look at before they are labelled: near copies beside their originals, dark and blurred ones."""

from collections.abc import Mapping

from fact.data.appearance import NOTES
from fact.data.manifest import FileOutcome
from fact.data.path_text import to_path
from fact.data.sources.own_images import NEAR_COPY, TEST

SHOWN = 60
"""Images of a kind that are shown."""


def odd_images(files: Mapping[str, tuple[str, str]]) -> dict[str, list[str]]:
    """Return locators by what is odd about them, of what :func:`fact.data.manifest.read_files` returns.

    A near copy stands behind the image that it is a copy of. Kinds without an image are left out, and of each
    kind the first 60 images are named.
    """
    pairs = {
        name: reason.removeprefix(NEAR_COPY)
        for name, (_, reason) in files.items()
        if reason.startswith(NEAR_COPY)
    }
    tested = {name: first for name, first in pairs.items() if to_path(first).startswith(TEST)}
    found = {
        "test images, each with its near copies, which are not in the pool": _beside(tested),
        "images, each with its near copies, which share its label": _beside(
            {name: pairs[name] for name in pairs.keys() - tested}
        ),
    }
    used = {path: note.split(", ") for path, (kind, note) in files.items() if kind == FileOutcome.USED}
    found |= {note: [path for path, notes in used.items() if note in notes] for note in NOTES}
    return {kind: names[:SHOWN] for kind, names in found.items() if names}


def _beside(pairs: Mapping[str, str]) -> list[str]:
    """Return each original with its copies behind it."""
    by_original: dict[str, list[str]] = {}
    for name in sorted(pairs):
        by_original.setdefault(pairs[name], []).append(name)
    return [name for first, copies in sorted(by_original.items()) for name in (first, *copies)]
