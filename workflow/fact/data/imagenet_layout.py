"""Read splits and classes from a copy of ImageNet-1k.

Below ``root``, or ``root/ILSVRC/Data/CLS-LOC`` as Kaggle has it, lie ``train/`` and ``val/``, each with

- one folder per synset, ``n01440764/….JPEG``;
- or tar archives, which are not unpacked: one a synset (``n01440764.tar``, what is in
  ILSVRC2012_img_train.tar), or shards of images whose names have the synset (``n01440764_18.jpg``);
- or, in ``val``, the images themselves or ILSVRC2012_img_val.tar, with Kaggle's or the devkit's list of
  their synsets (:mod:`fact.data.synsets`).
"""

import re
from collections.abc import Mapping
from pathlib import Path

from fact.data.folder_layout import Candidate, Layout, read_class_folders
from fact.data.synsets import read_names, read_validation
from fact.data.tar_files import member_names
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
            f"{root / place / 'train'}: no folder or archive is named by a synset such as n01440764; unpack "
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
    for place in PLACES:
        if (root / place / "train").is_dir() and (root / place / "val").is_dir():
            return place
    remedy = "set datasets.<name>.root to a copy of ImageNet-1k"
    if any(root.glob("ILSVRC2012_img_*.tar")):
        remedy = "unpack ILSVRC2012_img_train.tar into train/ and move ILSVRC2012_img_val.tar to val/"
    raise FileNotFoundError(f"{root} holds no train/ and val/ (nor ILSVRC/Data/CLS-LOC/ with them); {remedy}")


def _read_split(root: Path, folder: str, split: str) -> Layout:
    """Return the images of a split with the synset of each as class name."""
    entries = sorted((root / folder).iterdir())
    if any(path.is_dir() and not is_hidden(path.name) for path in entries):
        return read_class_folders(root, folder, split)
    archives = [path for path in entries if path.suffix == ".tar"]
    images, problems = walk_images(root, folder)
    if archives:
        problems = []
        images = [
            f"{folder}/{path.name}/{name}"
            for path in archives
            for name in member_names(path)
            if is_image_path(name)
        ]
    return _with_synsets(
        root, folder, split, result=Layout([Candidate(path, split, None) for path in images], [], problems)
    )


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
    """Return the synset that the name of an archive or an image tells."""
    archive, stem = Path(path).parent.stem, Path(path).stem
    if SYNSET.fullmatch(archive):
        return archive
    match = SYNSET_IN_NAME.search(stem)
    return match[1] if match else None


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
