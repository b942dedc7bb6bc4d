"""ImageNet-1k (ILSVRC 2012) from the folders that people have of it.

O. Russakovsky et al., "ImageNet Large Scale Visual Recognition Challenge", IJCV 2015. The pool
is the 1,281,167 training images, the test set the 50,000 validation images. The former stand in a folder a
synset,

    root/train/n01440764/….JPEG     or    root/ILSVRC/Data/CLS-LOC/train/n01440764/….JPEG (as Kaggle has it)

and validation images beside ``train`` in ``val``, likewise in synset folders, or all in one folder. In that
case their synsets are read from ``LOC_val_solution.csv`` or the devkit (:mod:`fact.data.synsets`).

Labels follow the sorted synsets, as everywhere. EXIF orientation is not honoured, for no published number is.
The images may only be had from image-net.org or Kaggle, by who accepted the terms: there is no download.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from fact.data.counts import Counts
from fact.data.folder_layout import Candidate, Layout, read_class_folders
from fact.data.image_files import index_files
from fact.data.image_files import read_as_stored as read_image
from fact.data.manifest import SourceIndex
from fact.data.subset import limited
from fact.data.synsets import read_names, read_validation
from fact.data.walk import walk_images

SYNSET = re.compile(r"n\d{8}")
PLACES = ("", "ILSVRC/Data/CLS-LOC/", "Data/CLS-LOC/", "ILSVRC2012/", "imagenet/")

__all__ = ["expected_counts", "index", "read_image"]


def index(
    root: Path | None,
    *,
    pool_limit: int | None = None,
    test_limit: int | None = None,
    subset_seed: int = 0,
    verify: str = "header",
    workers: int = 1,
) -> SourceIndex:
    """Every usable image, or a seeded subset of a split in its class proportions.

    A class is named by the first of its synonyms, with the synset where two share it (crane, maillot), or by
    the synset alone where no list of names lies there. Other settings and errors:
    :func:`fact.data.image_files.index_files`; ``verify`` is ``header``, as decoding all takes hours.
    """
    keep = limited(pool_limit, test_limit, subset_seed)
    return index_files(root, _read_layout, keep, exif=False, verify=verify, workers=workers)


def expected_counts() -> Counts:
    """Those of the challenge."""
    return Counts(classes=1_000, pool=1_281_167, test=50_000)


def _read_layout(root: Path) -> Layout:
    place = _find_place(root)
    train = read_class_folders(root, f"{place}train", "pool")
    test = _read_validation_images(root, f"{place}val")
    synsets = [name for name in train.classes if SYNSET.fullmatch(name)]
    if not synsets:
        raise ValueError(
            f"{root / place / 'train'}: no folder is named by a synset such as n01440764; unpack each "
            "n….tar of ILSVRC2012_img_train.tar into a folder of its name"
        )
    names = _unique_names(synsets, read_names(root))
    known = [
        candidate for part in (train, test) for candidate in part.candidates if candidate.class_name in names
    ]
    problems = [*train.problems, *test.problems]
    problems += [
        (f"{place}{folder}/{name}", reason)
        for folder, part, reason in (
            ("train", train, "not a synset"),
            ("val", test, "class is not in train/"),
        )
        for name in part.classes
        if name not in names
    ]
    return Layout(
        sorted(candidate._replace(class_name=names[candidate.class_name]) for candidate in known),
        [names[synset] for synset in synsets],
        sorted(problems),
    )


def _find_place(root: Path) -> str:
    for place in PLACES:
        if (root / place / "train").is_dir() and (root / place / "val").is_dir():
            return place
    packed = sorted(path.name for path in root.glob("ILSVRC2012_img_*.tar"))
    raise FileNotFoundError(
        f"{root} holds no train/ and val/ (nor ILSVRC/Data/CLS-LOC/); "
        + (
            f"unpack {', '.join(packed)} there"
            if packed
            else "set datasets.<name>.root to a copy of ImageNet-1k"
        )
    )


def _read_validation_images(root: Path, folder: str) -> Layout:
    """The validation images with the synset of each as class name."""
    if any(path.is_dir() for path in (root / folder).iterdir()):
        return read_class_folders(root, folder, "test")
    images, problems = walk_images(root, folder)
    synsets = read_validation(root)
    stems = {path: Path(path).stem for path in images}
    problems += [(path, "not in the validation list") for path, stem in stems.items() if stem not in synsets]
    problems += [(f"{folder}/{stem}.JPEG", "missing") for stem in sorted(set(synsets) - set(stems.values()))]
    candidates = [Candidate(path, "test", synsets[stem]) for path, stem in stems.items() if stem in synsets]
    return Layout(candidates, sorted(set(synsets.values())), problems)


def _unique_names(synsets: list[str], names: Mapping[str, str]) -> dict[str, str]:
    """Each synset's name, made unique."""
    chosen = {synset: names.get(synset, synset) for synset in synsets}
    shared = list(chosen.values())
    return {
        synset: name if shared.count(name) == 1 else f"{name} ({synset})" for synset, name in chosen.items()
    }
