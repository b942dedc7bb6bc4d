"""A folder of the user's own images and masks, for segmentation.

    root/images/train/...         the pool                   (alias of train: pool)
    root/images/test/...          the test set               (aliases of test: val, valid, validation)
    root/annotations/train/...    masks, of the images' paths but for the suffix  (alias: masks, labels)

A mask has one channel of class numbers from 0, positions in ``classes``; ``ignore`` is the number of pixels
that are of no class. Masks are taken to be drawn on the image as it is shown, turned the way its EXIF says.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fact.data.folder_layout import POOL_FOLDERS, TEST_FOLDERS, innermost
from fact.data.image_files import existing_folder, read_file
from fact.data.manifest import SourceIndex
from fact.data.mask_files import PairedFolders, Pairs, index_pairs, read_mask_file
from fact.data.masks import IGNORE, MAX_CLASSES, Coding
from fact.data.subset import limited
from fact.data.walk import is_hidden
from fact.infra.errors import DataError

MASK_FOLDERS = ("annotations", "masks", "labels")
CLASS_LIST = "classes.txt"


@dataclass(frozen=True)
class IndexOptions:
    """``classes`` null: the lines of ``classes.txt`` in the root. ``ignore``: numbers that are of no class.

    ``values``: the number of each class in the files, null: 0, 1, 2, …; [0, 255] for binary masks. ``exif``:
    false for masks of the image as it is stored. ``unlabelled``: images of the pool may lack a mask, to be
    chosen first and annotated after. Limits keep a seeded subset of a split.
    """

    classes: Sequence[str] | None = None
    ignore: int | Sequence[int] = IGNORE
    values: Sequence[int] | None = None
    exif: bool = True
    unlabelled: bool = False
    pool_limit: int | None = None
    test_limit: int | None = None
    subset_seed: int = 0


def index(root: Path | None, *, workers: int = 1, **options: Any) -> SourceIndex:
    """Return every image with its mask; ``options``: :class:`IndexOptions`.

    Raises FileNotFoundError without a root or its folders, DataError for classes that cannot be used and
    when no image is usable.
    """
    root, own = existing_folder(root), IndexOptions(**options)
    names = _class_names(root, own.classes)
    keep = limited(own.pool_limit, own.test_limit, own.subset_seed)
    coding, pairs = _coding(len(names), own.ignore, own.values), _pairs(root)
    options = {"unlabelled": own.unlabelled, "exif": own.exif, "workers": workers}
    return index_pairs(root, pairs, names, coding=coding, keep=keep, **options)


def read_image(
    root: Path | None, locator: str, sha256: str | None = None, *, exif: bool = True
) -> np.ndarray:
    """Return the image as the masks were drawn on it, uint8 (height, width, 3), RGB.

    Raises DataError for one that was changed.
    """
    return read_file(root, locator, sha256, exif=exif)


def read_mask(
    root: Path | None,
    locator: str,
    *,
    classes: Sequence[str] | None = None,
    ignore: int | Sequence[int] = IGNORE,
    values: Sequence[int] | None = None,
) -> np.ndarray:
    """Return the mask of the image ``locator``, uint8 (height, width).

    Raises DataError where there is none.
    """
    root = existing_folder(root)
    coding = _coding(len(_class_names(root, classes)), ignore, values)
    return read_mask_file(root, _pairs(root).folders, locator, coding=coding)


def _coding(classes: int, ignore: int | Sequence[int], values: Sequence[int] | None) -> Coding:
    ignored = (ignore,) if isinstance(ignore, int) else tuple(ignore)
    own = tuple(range(classes)) if values is None else tuple(values)
    if len(own) != classes or len(set(own)) != classes:
        raise DataError(
            f"values: {list(own)} are not {classes} different numbers, one per class; mend the list"
        )
    if inside := [number for number in ignored if number in own]:
        raise DataError(
            f"ignore: {inside[0]} is the number of one of the {classes} classes; name another, or [] for none"
        )
    return Coding(classes, ignored, values=() if values is None else own)


def _class_names(root: Path, classes: Sequence[str] | None) -> list[str]:
    if classes is None:
        file = root / CLASS_LIST
        if not file.is_file():
            raise FileNotFoundError(
                f"{file} is not there; write a class name a line, or set datasets.<name>.options.classes"
            )
        classes = [line.strip() for line in file.read_text("utf-8").splitlines() if line.strip()]
    names = [str(name) for name in classes]
    if not 2 <= len(names) <= MAX_CLASSES or len(set(names)) != len(names):
        raise DataError(f"classes: {len(names)} names; give 2 to {MAX_CLASSES} different ones")
    return names


def _pairs(root: Path) -> Pairs:
    if not (root / "images").is_dir():
        raise FileNotFoundError(f"{root} holds no folder images/; see docs/segmentation.md for the layout")
    masks = next((name for name in MASK_FOLDERS if (root / name).is_dir()), MASK_FOLDERS[0])
    result = sorted(path.name for path in (root / "images").iterdir() if path.is_dir())
    pool, test = (_first(result, aliases) for aliases in (POOL_FOLDERS, TEST_FOLDERS))
    if pool is None:
        raise FileNotFoundError(f"{root}/images holds no train/ (nor pool/); move the images there")
    chosen = [(split, name) for split, name in (("pool", pool), ("test", test)) if name is not None]
    used = [name for _, name in chosen]
    problems = [
        (f"images/{name}", f"not read: outside {' and '.join(used)}")
        for name in result
        if name not in used and not is_hidden(name)
    ]
    folders = [
        PairedFolders(split, _innermost(root, f"images/{name}"), _innermost(root, f"{masks}/{name}"))
        for split, name in chosen
    ]
    return Pairs(folders, problems)


def _innermost(root: Path, folder: str) -> str:
    names = POOL_FOLDERS if Path(folder).name.lower() in POOL_FOLDERS else TEST_FOLDERS
    return innermost(root, folder, names) if (root / folder).is_dir() else folder


def _first(names: Sequence[str], aliases: Sequence[str]) -> str | None:
    return next((name for alias in aliases for name in names if name.lower() == alias), None)
