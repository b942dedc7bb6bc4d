"""Read splits and classes from a copy of ImageNet-1k.

Below ``root``, or ``root/ILSVRC/Data/CLS-LOC`` as Kaggle has it, lie ``train/`` and ``val/``, each with

- one folder per synset, ``n01440764/….JPEG``;
- or tar archives, which are not unpacked: ILSVRC2012_img_train.tar, the archives of one synset each that it
  holds (``n01440764.tar``), or shards of images whose names have the synset (``n01440764_18.jpg``). They may
  lie in folders, and hold folders and archives, however they were packed;
- or, in ``val``, the images themselves or ILSVRC2012_img_val.tar, with Kaggle's or the devkit's list of
  their synsets (:mod:`fact.data.synsets`).
"""

import re
from collections.abc import Mapping
from pathlib import Path

from fact.data.folder_layout import (
    POOL_FOLDERS,
    TEST_FOLDERS,
    Candidate,
    Layout,
    innermost,
    read_class_folders,
    with_repeats,
)
from fact.data.synsets import read_names, read_validation
from fact.data.tar_files import SUFFIX as ARCHIVE
from fact.data.tar_files import find_archives, member_names
from fact.data.walk import is_hidden, is_image_path, walk_images
from fact.infra.errors import DataError

SYNSET = re.compile(r"n\d{8}")
SYNSET_IN_NAME = re.compile(r"(?:^|_)(n\d{8})(?:_|$)")
PLACES = ("", "ILSVRC/Data/CLS-LOC/", "Data/CLS-LOC/", "ILSVRC2012/", "imagenet/")


def read_imagenet(root: Path) -> Layout:
    """Return the layout of ``root``: labels follow the sorted synsets of ``train``; no image is opened.

    A class is named by the first of its synonyms, with the synset where two share it (crane, maillot), or by
    the synset alone where no list of names lies there. Raises FileNotFoundError and DataError naming what is
    missing or damaged.
    """
    place = _find_place(root)
    parts = {
        folder: _read_split(root, place + folder, split)
        for folder, split in (("train", "pool"), ("val", "test"))
    }
    synsets = [name for name in parts["train"].classes if SYNSET.fullmatch(name)]
    if not synsets:
        raise DataError(
            f"{root / place / 'train'}: no folder or archive is named by a synset such as n01440764; put "
            "ILSVRC2012_img_train.tar there"
        )
    names = _unique_names(synsets, read_names(root))
    candidates = [
        candidate._replace(class_name=names[candidate.class_name])
        for part in parts.values()
        for candidate in part.candidates
        if candidate.class_name in names
    ]
    problems = [
        problem for folder, part in parts.items() for problem in _problems(place + folder, part, names)
    ]
    return Layout(sorted(candidates), list(names.values()), sorted(problems))


def _find_place(root: Path) -> str:
    for place in with_repeats(PLACES):
        if (root / place / "train").is_dir() and (root / place / "val").is_dir():
            return place
    remedy = "set datasets.<name>.root to a copy of ImageNet-1k"
    if any(root.glob("ILSVRC2012_img_*.tar")):
        remedy = "move ILSVRC2012_img_train.tar into train/ and ILSVRC2012_img_val.tar into val/"
    raise FileNotFoundError(f"{root} holds no train/ and val/ (nor ILSVRC/Data/CLS-LOC/ with them); {remedy}")


def _read_split(root: Path, folder: str, split: str) -> Layout:
    """Return the images of a split with the synset of each as class name."""
    folder = innermost(root, folder, POOL_FOLDERS if split == "pool" else TEST_FOLDERS)
    archives = find_archives(root, folder)
    if _has_class_folders(root / folder) or (not archives and _visible_folders(root / folder)):
        return read_class_folders(root, folder, split)
    images, problems = walk_images(root, folder)
    images += [
        f"{archive}/{name}"
        for archive in archives
        for name in member_names(root / archive)
        if is_image_path(name)
    ]
    candidates = [Candidate(path, split, None) for path in images]
    beside = [problem for problem in problems if problem[0] not in archives]
    return _with_synsets(root, folder, split, result=Layout(candidates, [], beside))


def _visible_folders(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.is_dir() and not is_hidden(path.name)]


def _has_class_folders(folder: Path) -> bool:
    return any(map(SYNSET.fullmatch, _visible_folders(folder)))


def _with_synsets(root: Path, folder: str, split: str, result: Layout) -> Layout:
    named = {path: _synset_of(path) for path, *_ in result.candidates}
    listed: Mapping[str, str] = {}
    if split == "test" and not all(named.values()):
        listed = read_validation(root)
    synsets = {path: name or listed.get(Path(path).stem) for path, name in named.items()}
    problems = [
        *result.problems,
        *((path, "of no known synset") for path, name in synsets.items() if name is None),
    ]
    present = {Path(path).stem for path in synsets}
    problems += [(f"{folder}/{stem}.JPEG", "missing") for stem in listed if stem not in present]
    candidates = [Candidate(path, split, name) for path, name in synsets.items() if name is not None]
    return Layout(candidates, sorted({name for name in synsets.values() if name is not None}), problems)


def _synset_of(path: str) -> str | None:
    """Return the synset that an archive or a folder on the way to an image is named by, or the image."""
    outer = (part.removesuffix(ARCHIVE) for part in reversed(Path(path).parts[:-1]))
    named = next((part for part in outer if SYNSET.fullmatch(part)), None)
    match = SYNSET_IN_NAME.search(Path(path).stem)
    return named or (match[1] if match else None)


def _problems(folder: str, part: Layout, names: Mapping[str, str]) -> list[tuple[str, str]]:
    extra = [(f"{folder}/{name}", "no synset of train/") for name in part.classes if name not in names]
    return [*part.problems, *extra]


def _unique_names(synsets: list[str], names: Mapping[str, str]) -> dict[str, str]:
    """Return each synset's name, made unique."""
    chosen = {synset: names.get(synset, synset) for synset in synsets}
    shared = list(chosen.values())
    return {
        synset: name if shared.count(name) == 1 else f"{name} ({synset})" for synset, name in chosen.items()
    }
