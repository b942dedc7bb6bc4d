"""Read splits and classes of a WebDataset: tar archives whose members belong together by their names.

``000017.jpg`` and ``000017.cls`` are one sample: what stands before the first point of the name, its folder
included, is the key. The label is the text of ``.cls``, or a value of the object in ``.json``; numbers are
positions in ``classnames.txt`` or ``classes.txt``, where one lies in the root (github.com/webdataset).
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from fact.data.class_values import class_name, class_order
from fact.data.folder_layout import Candidate, Layout
from fact.data.labelled_test import with_labelled_test
from fact.data.split_names import SplitNames, by_split, missing_shards, require_splits
from fact.data.tar_files import find_archives, member_names, read_member
from fact.data.walk import is_image_path, visible_files
from fact.infra.errors import DataError

CLASS_LISTS = ("classnames.txt", "classes.txt")
COMPRESSED = (".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar.zst")
CLS, JSON, LABEL = "cls", "json", "label"


class Keys(NamedTuple):
    """``image``: the end of an image's name, None where a sample has one alone.

    ``label``: a key of ``.json``; None is ``.cls``, else ``label`` of the ``.json``.
    """

    image: str | None = None
    label: str | None = None


def read_webdataset(root: Path, splits: SplitNames, keys: Keys) -> Layout:
    """Return the layout of ``root``: a candidate for each image, with its class where one is given.

    Raises FileNotFoundError without an archive, and DataError for a split that is not there, a damaged
    archive and a label that cannot be read.
    """
    archives, problems = find_archives(root), _compressed(root)
    if not archives:
        packed = f"; decompress {problems[0][0]} first" if problems else ""
        raise FileNotFoundError(f"{root} holds no .tar{packed}; set datasets.<name>.root to a WebDataset")
    found, chosen = by_split(archives), splits.by_split()
    require_splits(root, list(found), splits)
    problems += [
        (shard, f"not read: the split {name}")
        for name, shards in found.items()
        for shard in shards
        if name not in chosen
    ]
    names, candidates = _declared(root), []
    for name, split in chosen.items():
        problems += [(shard, "missing") for shard in missing_shards(found[name])]
        for shard in found[name]:
            used, left_out = _read_shard(root, Candidate(shard, split, None), keys, names=names)
            candidates += used
            problems += left_out
    known = (entry.class_name for entry in candidates if entry.class_name is not None)
    classes = class_order(known, names, str(root))
    return with_labelled_test(root, Layout(candidates, classes, problems))


def _read_shard(
    root: Path, shard: Candidate, keys: Keys, names: Sequence[str] | None
) -> tuple[list[Candidate], list[tuple[str, str]]]:
    """Return the images of an archive, and its samples without one."""
    path, candidates, problems = root / shard.path, [], []
    for key, members in _samples(member_names(path)).items():
        image = _image(path, key, members, wanted=keys.image)
        if image is None:
            problems.append((f"{shard.path}/{key}", "a sample without an image"))
        else:
            label = _label(path, members, keys.label, names=names)
            candidates.append(Candidate(f"{shard.path}/{image}", shard.split, label))
    return candidates, problems


def _image(path: Path, key: str, members: Mapping[str, str], wanted: str | None) -> str | None:
    """Return the member that is the image of a sample. Raises DataError where several are."""
    images = {end: name for end, name in members.items() if is_image_path(name)}
    if wanted is not None:
        return images.get(wanted)
    if len(images) > 1:
        ends = ", ".join(sorted(images))
        raise DataError(f"{path}: {key} has images in {ends}; name one in options.image_key")
    return next(iter(images.values()), None)


def _label(
    path: Path, members: Mapping[str, str], key: str | None, names: Sequence[str] | None
) -> str | None:
    """Return the class of a sample, if any. Raises DataError for one that cannot be read."""
    if key is None and CLS in members:
        value: object = _text(path, members[CLS]).strip()
    elif JSON in members:
        value = _json_value(path, members[JSON], key or LABEL)
    else:
        return None
    return class_name(_number(value) if names else value, names, f"{path}, {min(members.values())}")


def _samples(members: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return the members of each sample by the end of their name, in lower case."""
    samples: dict[str, dict[str, str]] = defaultdict(dict)
    for name in members:
        place = PurePosixPath(name)
        stem, _, end = place.name.partition(".")
        if stem and end:
            samples[str(place.with_name(stem))][end.lower()] = name
    return samples


def _text(path: Path, member: str) -> str:
    try:
        return read_member(path, member).decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: {member} is not UTF-8 ({error}); pack it again") from error


def _json_value(path: Path, member: str, key: str) -> object:
    try:
        content = json.loads(_text(path, member))
    except json.JSONDecodeError as error:
        raise DataError(f"{path}: {member} cannot be read as JSON ({error}); pack it again") from error
    if not isinstance(content, dict):
        raise DataError(f"{path}: {member} holds no JSON object; pack it again")
    return content.get(key)


def _number(value: object) -> object:
    """Return a position in the declared classes that is written as text as a number."""
    text = value.removeprefix("-") if isinstance(value, str) else ""
    return int(str(value)) if text.isascii() and text.isdecimal() else value


def _declared(root: Path) -> list[str] | None:
    """Return the names that numbers stand for; None where no list of them lies in the root."""
    file = next((root / name for name in CLASS_LISTS if (root / name).is_file()), None)
    if file is None:
        return None
    return [line.strip() for line in file.read_text("utf-8-sig").split("\n") if line.strip()]


def _compressed(root: Path) -> list[tuple[str, str]]:
    reason = "a compressed archive; decompress it to .tar"
    return [(path, reason) for path in visible_files(root) if path.lower().endswith(COMPRESSED)]
