"""A folder of one's own images without labels, and perhaps a labelled test folder somewhere else.

Every image below ``root``, at any depth, is in the pool: names of folders are no labels and no splits. Exact
copies (equal bytes) and near ones count once, so that no image is labelled twice, and a copy of a test image
is not in the pool. Test images lie in ``test/<class>/``; in locators that folder is ``test//``, which no path
below a root begins with.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from fact.data.appearance import NOTES, Appearance, appearance, check_notes, notes
from fact.data.decode import MAX_PIXELS
from fact.data.folder_layout import TEST_FOLDERS, Candidate, Layout, innermost, read_class_folders
from fact.data.image_files import Watch, existing_folder, inspect_files, read_file, require_pool
from fact.data.manifest import FileOutcome, Problem, Record, SourceIndex, make_index
from fact.data.near_copies import near_copies
from fact.data.path_text import to_path, to_text
from fact.data.walk import walk_images

TEST = "test//"
# how reasons of copies begin; the image that they are copies of follows
COPY, NEAR_COPY = "duplicate of ", "near copy of "


@dataclass(frozen=True)
class IndexOptions:
    """``test``: the folder of labelled images to measure on. ``near_copies``: whether an image that is a copy
    but for its bytes (:mod:`fact.data.near_copies`) counts once too. ``look_for``: what is noted of images
    that are used (:mod:`fact.data.appearance`). The others are those of :mod:`fact.data.image_files`.
    """

    test: str | None = None
    exif: bool = True
    max_pixels: int = MAX_PIXELS
    verify: str = "full"
    near_copies: bool = True
    look_for: Sequence[str] = NOTES


def index(root: Path | None, *, workers: int = 1, **options: Any) -> SourceIndex:
    """Return every usable image, copies left out; classes are those of the test folder.

    ``options``: :class:`IndexOptions`. Near copies and notes need ``verify: full``, which decodes every
    image. Raises FileNotFoundError without a folder, DataError when no image of the pool is usable or the
    test folder has no class folders, and ConfigError for a note that is not known.
    """
    own = IndexOptions(**options)
    root, tested, wanted = existing_folder(root), _test_layout(own.test), check_notes(own.look_for)
    seen: dict[str, Appearance] = {}
    inspect = partial(
        inspect_files, exif=own.exif, max_pixels=own.max_pixels, verify=own.verify, workers=workers
    )
    result, problems = walk_images(root)
    kept, inside = outside_test(root, Path(own.test) if own.test else None, result)
    pool, unreadable = inspect(
        root, [Candidate(path, "pool", None) for path in kept], {}, watch=_watch(seen, "")
    )
    labels = {name: label for label, name in enumerate(tested.classes)}
    measured, untested = inspect(Path(own.test or root), tested.candidates, labels, watch=_watch(seen, TEST))
    records, copies = without_copies([*map(_as_test, measured), *pool])
    if own.near_copies:
        records, near = without_near_copies(records, seen)
        copies += near
    ignored = [Problem(*problem) for problem in [*problems, *inside]]
    require_pool(root, records, [*unreadable, *copies, *ignored])
    aside = [
        problem._replace(path=TEST + problem.path)
        for problem in [*untested, *(Problem(*item) for item in tested.problems)]
    ]
    noted = list(_noted(records, seen, wanted))
    return make_index(records, [*unreadable, *copies, *ignored, *aside, *noted], tested.classes)


def _noted(
    records: Sequence[Record], seen: Mapping[str, Appearance], wanted: Sequence[str]
) -> Iterator[Problem]:
    """Yield the notes about images that are used."""
    for name in (record[0] for record in records):
        if name in seen and (found := notes(seen[name], wanted)):
            yield Problem(to_path(name), ", ".join(found), FileOutcome.USED)


def _watch(seen: dict[str, Appearance], prefix: str) -> Watch:
    """Return what remembers the appearance of each image; of test images below their own prefix."""

    def watch(name: str, pixels: np.ndarray) -> None:
        seen[to_text(prefix + to_path(name))] = appearance(pixels)

    return watch


def read_image(
    root: Path | None,
    locator: str,
    sha256: str | None = None,
    *,
    test: str | None = None,
    exif: bool = True,
    max_pixels: int = MAX_PIXELS,
) -> np.ndarray:
    """Return the image as uint8 (height, width, 3), RGB, by the policy of :mod:`fact.data.decode`.

    Raises DataError naming the file when it cannot be read as a whole, or is not the one of ``sha256``.
    """
    path = to_path(locator)
    if test is not None and path.startswith(TEST):
        root, locator = Path(test), to_text(path.removeprefix(TEST))
    return read_file(root, locator, sha256, exif=exif, max_pixels=max_pixels)


def without_copies(records: Sequence[Record]) -> tuple[list[Record], list[Problem]]:
    """Return the records, without pool images that have the bytes of a test image or of an earlier pool
    image.
    """
    tested = {sha256: name for name, split, *_, sha256, _ in records if split == "test"}
    kept, copies, seen = [], [], dict(tested)
    for record in sorted(records, key=lambda record: record[0]):
        name, split, sha256 = record[0], record[1], record[6]
        if split == "pool" and sha256 in seen:
            copies.append(Problem(to_path(name), f"{COPY}{seen[sha256]}", FileOutcome.DUPLICATE))
        else:
            seen.setdefault(sha256, name)
            kept.append(record)
    return kept, copies


def without_near_copies(
    records: Sequence[Record], seen: Mapping[str, Appearance]
) -> tuple[list[Record], list[Problem]]:
    """Return the records, without pool images that look as a test image or another pool image does.

    Of pool images the largest stands for the others, and of equal ones the first by name.
    """
    known = sorted((record for record in records if record[0] in seen), key=_by_worth)
    names = [record[0] for record in known]
    if not names:
        return list(records), []
    first = near_copies(np.stack([seen[name].copy for name in names]))
    originals = {
        name: names[row]
        for name, row, record in zip(names, first, known, strict=True)
        if names[row] != name and record[1] == "pool"
    }
    kept = [record for record in records if record[0] not in originals]
    return kept, [
        Problem(to_path(name), f"{NEAR_COPY}{original}", FileOutcome.DUPLICATE)
        for name, original in originals.items()
    ]


def _by_worth(record: Record) -> tuple[bool, int, str]:
    """Return a key of test images, then of pool images from the largest to the smallest, then of names."""
    name, split, _, _, width, height, *_ = record
    return split == "pool", -width * height, name


def copies_of(files: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Return the image that stands for each copy, of what :func:`fact.data.manifest.read_files` returns.

    A copy of a test image stands for none.
    """
    pairs = {
        name: reason.removeprefix(prefix)
        for name, (outcome, reason) in files.items()
        for prefix in (COPY, NEAR_COPY)
        if outcome == FileOutcome.DUPLICATE and reason.startswith(prefix)
    }
    return {name: original for name, original in pairs.items() if not to_path(original).startswith(TEST)}


def _test_layout(test: str | None) -> Layout:
    if test is None:
        return Layout([], [], [])
    if not Path(test).is_dir():
        raise FileNotFoundError(f"the test folder {test} is not there; set options.test to <folder>/<class>/")
    layout = read_class_folders(Path(test), innermost(Path(test), ".", TEST_FOLDERS), "test")
    return layout._replace(problems=[(os.path.normpath(path), why) for path, why in layout.problems])


def outside_test(
    root: Path, test: Path | None, paths: Sequence[str]
) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the paths that do not lie in the test folder, and a note where it lies in the root."""
    if test is None or not test.resolve().is_relative_to(root.resolve()):
        return list(paths), []
    inside = os.path.relpath(test.resolve(), root.resolve())
    return [path for path in paths if not path.startswith(f"{inside}/")], [(inside, "the test folder")]


def _as_test(record: Record) -> Record:
    name = to_text(TEST + to_path(record[0]))
    return (name, record[1], name, *record[3:])
