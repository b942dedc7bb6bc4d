"""Read splits and classes from the layout of an image folder.

    root/train/<class>/...   the pool, with labels        (alias of train: pool)
    root/test/<class>/...    the test set, with labels    (aliases of test: val, valid, validation)

Names of split folders are compared without case. Where several aliases exist, the first one listed here
counts and the others are listed as problems. Images may lie at any depth below their class folder.

``pool/`` may instead hold images directly, without class folders: an unlabelled pool beside a labelled test
set. A split folder that holds nothing but one of the same split's names (``train/train/``) is passed through.
A root without any split folder is an unlabelled pool as a whole: every image at any depth, no classes,
no test set; names of subfolders are then not read as labels.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from fact.data.walk import LOOP, is_hidden, is_image_name, is_loop, walk_images, why_not
from fact.infra.errors import DataError

POOL_FOLDERS = ("train", "pool")
TEST_FOLDERS = ("test", "val", "valid", "validation")


class Candidate(NamedTuple):
    """An image file that was found but not opened: path relative to the root, split, class name if known."""

    path: str
    split: str
    class_name: str | None


class Layout(NamedTuple):
    """Candidates by path, sorted class names of both splits, and (path, reason) of what was left out."""

    candidates: list[Candidate]
    classes: list[str]
    problems: list[tuple[str, str]]


def read_layout(root: Path) -> Layout:
    """Return the layout of ``root`` by the rules above; no image is opened.

    Raises DataError when a test folder has no pool beside it, or a split folder has no class folders.
    """
    pool, test = (_split_folder(root, names) for names in (POOL_FOLDERS, TEST_FOLDERS))
    if pool is None and test is None:
        images, problems = walk_images(root)
        return Layout([Candidate(path, "pool", None) for path in images], [], problems)
    if pool is None:
        raise DataError(
            f"{root} has {test}/ but no train/ or pool/ beside it; move the images to choose from to "
            "train/<class>/ (labelled) or pool/ (unlabelled)"
        )
    parts = [read_class_folders(root, pool, "pool")]
    if test is not None:
        parts.append(read_class_folders(root, test, "test"))
    problems = _outside(root, pool, test) + [problem for part in parts for problem in part.problems]
    if test is not None and parts[0].classes:
        extra = sorted(set(parts[1].classes) - set(parts[0].classes))
        problems += [(f"{test}/{name}", f"class is not in {pool}/") for name in extra]
    return Layout(
        sorted(candidate for part in parts for candidate in part.candidates),
        sorted({name for part in parts for name in part.classes}),
        sorted(problems),
    )


def _first_folder(root: Path, aliases: tuple[str, ...]) -> str | None:
    """Return the folder's own name of the first alias that exists; an exact match goes before other cases."""
    names = sorted((name for name in os.listdir(root) if name.lower() in aliases), reverse=True)
    matches = [
        name for alias in aliases for name in names if name.lower() == alias and (root / name).is_dir()
    ]
    return matches[0] if matches else None


def _split_folder(root: Path, names: tuple[str, ...]) -> str | None:
    folder = _first_folder(root, names)
    return folder and innermost(root, folder, names)


def innermost(root: Path, folder: str, names: tuple[str, ...]) -> str:
    """Return the innermost of folders of one split's ``names``, each alone in the next (``train/train``)."""
    while True:
        inside = [path for path in sorted((root / folder).iterdir()) if not is_hidden(path.name)]
        if len(inside) != 1 or not inside[0].is_dir() or inside[0].name.lower() not in names:
            return folder
        folder = f"{folder}/{inside[0].name}"


def with_repeats(places: Sequence[str]) -> tuple[str, ...]:
    """Return places below a root, each also with its first folder twice, as unpacking often leaves it."""
    return (*places, *(f"{place.partition('/')[0]}/{place}" for place in places if place))


def read_class_folders(root: Path, folder: str, split: str) -> Layout:
    names = sorted(os.listdir(root / folder))
    folders = [name for name in names if _is_visible_folder(root / folder / name)]
    loops = [name for name in folders if is_loop(root / folder / name)]
    classes = [name for name in folders if name not in loops]
    loose = [name for name in names if name not in folders]
    if not classes:
        return _read_unlabelled(root, folder, split)
    candidates, problems = [], [(f"{folder}/{name}", LOOP) for name in loops]
    problems += [(f"{folder}/{name}", _loose_reason(name, "not inside a class folder")) for name in loose]
    for name in classes:
        images, left_out = walk_images(root, f"{folder}/{name}")
        candidates += [Candidate(path, split, name) for path in images]
        problems += left_out
        if not images:
            problems.append((f"{folder}/{name}", "class folder is empty"))
    return Layout(candidates, classes, problems)


def _read_unlabelled(root: Path, folder: str, split: str) -> Layout:
    images, problems = walk_images(root, folder)
    if folder.lower() != "pool" or not images:
        raise DataError(
            f"{root / folder} has no class folders; put its images into {folder}/<class>/, one folder a "
            "class (only an unlabelled pool/ may hold images directly)"
        )
    return Layout([Candidate(path, split, None) for path in images], [], problems)


def _outside(root: Path, pool: str, test: str | None) -> list[tuple[str, str]]:
    """Return what lies beside the split folders, and is therefore not read."""
    splits = [name for name in (pool, test) if name is not None]
    reason = f"not read: outside {' and '.join(name + '/' for name in splits)}"
    outer = {name.partition("/")[0] for name in splits}
    names = [name for name in os.listdir(root) if name not in outer]
    return [
        (name, reason if _is_visible_folder(root / name) else _loose_reason(name, reason)) for name in names
    ]


def _is_visible_folder(path: Path) -> bool:
    return path.is_dir() and not is_hidden(path.name)


def _loose_reason(name: str, reason: str) -> str:
    return reason if is_image_name(name) else why_not(name)
