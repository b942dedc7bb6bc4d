"""Image files below a root as a source: found by a layout, opened, measured and hashed here.

Files that cannot be used are listed with their reason and passed over; nothing is ever changed or deleted.
Locators are paths relative to the root, written by :mod:`fact.data.path_text`, through tar archives and
shards where there are any (:mod:`fact.data.packed_files`); sample ids are the same.
"""

import hashlib
import io
import stat
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from fact.data.decode import MAX_PIXELS, decode_image, image_size
from fact.data.folder_layout import Candidate, Layout
from fact.data.manifest import SPLITS, FileOutcome, Problem, Record, SourceIndex, make_index
from fact.data.packed_files import find_packed, read_packed
from fact.data.parallel import map_ordered
from fact.data.path_text import to_path, to_text
from fact.data.subset import Keep
from fact.data.walk import IMAGE_EXTENSIONS
from fact.infra.errors import ConfigError, DataError

Watch = Callable[[str, np.ndarray], None]
Unknown = TypeVar("Unknown", int, None)

VERIFY = ("full", "header")
# 16 bits of red, green, blue and alpha, uncompressed; and what else a file may hold, such as a preview
BYTES_PER_PIXEL, BYTES_BESIDE = 8, 2**26


def index_files(
    root: Path | None,
    read_layout: Callable[[Path], Layout],
    keep: Keep,
    *,
    exif: bool,
    max_pixels: int = MAX_PIXELS,
    verify: str,
    workers: int,
) -> SourceIndex:
    """Return every usable image that ``read_layout(root)`` names and ``keep`` keeps; labels follow its
    classes.

    ``keep`` chooses among the files found, before any is opened, so that unreadable ones among them reduce
    the result further. ``verify="full"`` decodes every image; ``"header"`` opens it only, and leaves
    truncated files in. ``workers`` threads decode; the result does not depend on their number.

    Raises FileNotFoundError without a root, DataError for a layout that cannot be read, or when not one
    image of the pool is usable.
    """
    root = existing_folder(root)
    layout = read_layout(root)
    labels = {name: label for label, name in enumerate(layout.classes)}
    chosen = _choose(layout.candidates, labels, keep)
    records, problems = inspect_files(
        root, chosen, labels, exif=exif, max_pixels=max_pixels, verify=verify, workers=workers
    )
    problems += [Problem(*problem) for problem in layout.problems]
    require_pool(root, records, problems)
    return make_index(records, problems, layout.classes)


def inspect_files(
    root: Path,
    candidates: Sequence[Candidate],
    labels: Mapping[str, int],
    *,
    exif: bool,
    max_pixels: int,
    verify: str,
    workers: int,
    watch: Watch | None = None,
) -> tuple[list[Record], list[Problem]]:
    """Return manifest rows of the candidates that can be read, and the others with their reasons.

    ``watch`` is given the sample id and the pixels of each that is decoded, in threads.
    """
    if verify not in VERIFY:
        raise ConfigError(f"verify: {verify!r} is not one of {list(VERIFY)}")
    inspect = partial(_inspect, root, labels, exif=exif, max_pixels=max_pixels, verify=verify, watch=watch)
    records, problems = [], []
    outcomes = map_ordered(inspect, candidates, workers, ahead=1024)
    for candidate, outcome in zip(candidates, outcomes, strict=True):
        if isinstance(outcome, str):
            problems.append(Problem(candidate.path, outcome, FileOutcome.UNREADABLE))
        else:
            records.append(outcome)
    return records, problems


def read_file(
    root: Path | None,
    locator: str,
    sha256: str | None,
    *,
    exif: bool,
    max_pixels: int = MAX_PIXELS,
) -> np.ndarray:
    """Return the image as uint8 (height, width, 3), RGB, by the policy of :mod:`fact.data.decode`.

    Raises DataError naming the file when it cannot be read as a whole, or its bytes are not those of
    ``sha256``: it was replaced after it had been indexed.
    """
    try:
        data = _read_bytes(existing_folder(root), to_path(locator), max_pixels)
        if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256:
            raise DataError("the file was changed after it had been indexed")
        return decode_image(io.BytesIO(data), exif=exif, max_pixels=max_pixels)
    except ValueError as error:
        raise DataError(f"{locator} in {root}: {error}") from error


def existing_folder(root: Path | None) -> Path:
    """Return the root. Raises FileNotFoundError when it is not there."""
    if root is None or not Path(root).is_dir():
        result = "no image folder is given" if root is None else f"the image folder {root} is not there"
        raise FileNotFoundError(
            f"{result}; set datasets.<name>.root in the configuration to a folder of images"
        )
    return Path(root)


def _choose(candidates: Sequence[Candidate], labels: Mapping[str, int], keep: Keep) -> list[Candidate]:
    """Return the candidates of each split that are kept, in their order."""
    chosen = []
    for split in SPLITS:
        members = [candidate for candidate in candidates if candidate.split == split]
        if members:
            classes = [_label(candidate, labels, -1) for candidate in members]
            chosen += [members[position] for position in keep(classes, split)]
    return chosen


def _label(candidate: Candidate, labels: Mapping[str, int], unknown: Unknown) -> int | Unknown:
    return unknown if candidate.class_name is None else labels.get(candidate.class_name, unknown)


def _inspect(
    root: Path,
    labels: Mapping[str, int],
    candidate: Candidate,
    *,
    exif: bool,
    max_pixels: int,
    verify: str,
    watch: Watch | None,
) -> Record | str:
    """Return the manifest row of an image, or the reason why it cannot be used."""
    name = to_text(candidate.path)
    try:
        data = _read_bytes(root, candidate.path, max_pixels)
        if verify == "full":
            pixels = decode_image(io.BytesIO(data), exif=exif, max_pixels=max_pixels)
            height, width, _ = pixels.shape
            if watch:
                watch(name, pixels)
        else:
            width, height = image_size(io.BytesIO(data), exif=exif, max_pixels=max_pixels)
    except ValueError as error:
        return str(error)
    digest = hashlib.sha256(data).hexdigest()
    return name, candidate.split, name, _label(candidate, labels, None), width, height, digest, "ok"


def _read_bytes(root: Path, path: str, max_pixels: int) -> bytes:
    """Return the bytes of a file, a member of a tar archive or a row of a shard.

    DataError with the reason when there are none.
    """
    try:
        packed = find_packed(root, path)
        data = read_packed(*packed) if packed else _read_regular(root / path, max_pixels)
    except OSError as error:
        raise DataError(f"file cannot be read: {error.strerror}") from error
    if not data:
        raise DataError("file is empty (0 bytes)")
    return data


def _read_regular(path: Path, max_pixels: int) -> bytes:
    result = path.stat()
    # a pipe or device would be waited on for ever
    if not stat.S_ISREG(result.st_mode):
        raise DataError("not a regular file")
    if result.st_size > BYTES_PER_PIXEL * max_pixels + BYTES_BESIDE:
        raise DataError(f"{result.st_size} bytes are more than an image of {max_pixels} pixels needs")
    return path.read_bytes()


def require_pool(root: Path, records: Sequence[Record], problems: Sequence[Problem]) -> None:
    """Raise DataError, with the first reasons, when not one image of the pool is usable."""
    if any(split == "pool" for _, split, *_ in records):
        return
    first = "".join(f"; {to_text(entry.path)}: {entry.reason}" for entry in problems[:3])
    raise DataError(
        f"no usable image for the pool in {root}, which should hold files ending in "
        f"{', '.join(sorted(IMAGE_EXTENSIONS))}; {len(problems)} problems{first}"
    )
