"""A folder of one's own images without labels, and perhaps a labelled test folder somewhere else.

Every image below ``root``, at any depth, is in the pool: names of folders are no labels and no splits. Exact
copies (equal bytes) count once, so that no image is labelled twice, and a copy of a test image is not in the
pool. Test images lie in ``test/<class>/``; in locators that folder is ``test//``, which no path below a root
begins with.
"""

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from fact.data.decode import MAX_PIXELS
from fact.data.folder_layout import TEST_FOLDERS, Candidate, Layout, innermost, read_class_folders
from fact.data.image_files import existing_folder, inspect_files, read_file, require_pool
from fact.data.manifest import FileOutcome, Problem, Record, SourceIndex, make_index
from fact.data.path_text import to_path, to_text
from fact.data.walk import walk_images

TEST = "test//"


def index(
    root: Path | None,
    *,
    test: str | None = None,
    exif: bool = True,
    max_pixels: int = MAX_PIXELS,
    verify: str = "full",
    workers: int = 1,
) -> SourceIndex:
    """Return every usable image, copies left out; classes are those of the test folder.

    Settings are those of :func:`fact.data.sources.image_folder.index`. Raises FileNotFoundError without a
    folder, and DataError when no image of the pool is usable or the test folder has no class folders.
    """
    root, tested = existing_folder(root), _test_layout(test)
    inspect = partial(inspect_files, exif=exif, max_pixels=max_pixels, verify=verify, workers=workers)
    result, problems = walk_images(root)
    kept, inside = outside_test(root, Path(test) if test else None, result)
    pool, unreadable = inspect(root, [Candidate(path, "pool", None) for path in kept], {})
    labels = {name: label for label, name in enumerate(tested.classes)}
    measured, untested = inspect(Path(test or root), tested.candidates, labels)
    records, copies = without_copies([*map(_as_test, measured), *pool])
    ignored = [Problem(*problem) for problem in [*problems, *inside]]
    require_pool(root, records, [*unreadable, *copies, *ignored])
    aside = [
        problem._replace(path=TEST + problem.path)
        for problem in [*untested, *(Problem(*item) for item in tested.problems)]
    ]
    return make_index(records, [*unreadable, *copies, *ignored, *aside], tested.classes)


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
            copies.append(Problem(to_path(name), f"duplicate of {seen[sha256]}", FileOutcome.DUPLICATE))
        else:
            seen.setdefault(sha256, name)
            kept.append(record)
    return kept, copies


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
