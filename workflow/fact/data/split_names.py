"""Names of splits: what the file or folder of a shard tells, and which splits the configuration chooses.

The rules are those of the Hugging Face Hub (huggingface.co/docs/hub/datasets-file-names-and-splits): a shard
``NAME-00000-of-00004`` is of the split NAME; else a known word in the name of the file, or of a folder,
tells the split; else everything is ``train``.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from fact.infra.errors import ConfigError, DataError

WORDS = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val", "dev"),
    "test": ("test", "testing", "eval", "evaluation"),
}
CANONICAL = {word: split for split, words in WORDS.items() for word in words}
# `train-00000-of-00004`, as older versions write it also with a digest behind
NUMBERED = re.compile(r"(?P<name>.+)-(?P<number>\d{3,})-of-(?P<count>\d{3,})(?:-[0-9a-f]+)?")
UNNAMED = "train"


@dataclass(frozen=True)
class SplitNames:
    """The split that is the pool, and the one that measures; ``test`` is None where nothing is measured."""

    pool: str = "train"
    test: str | None = "test"

    def by_split(self) -> dict[str, str]:
        """Return ``pool`` and perhaps ``test``, by the name of the split that each is read from."""
        pairs = [(self.pool, "pool"), (self.test, "test")]
        return {canonical(name): split for name, split in pairs if name is not None}


@dataclass(frozen=True)
class Wanted:
    """Which splits and columns of a dataset are read; a column of None is found by itself."""

    splits: SplitNames
    image_column: str | None = None
    label_column: str | None = None


def read_split_names(splits: object) -> SplitNames:
    """Return the configured names; what is not given has its default.

    Raises ConfigError for anything but a mapping of ``pool`` and ``test`` to different names.
    """
    if splits is None:
        return SplitNames()
    remedy = "write splits: {pool: train, test: test}, or test: null where nothing is measured"
    if not isinstance(splits, Mapping) or not set(splits) <= {"pool", "test"}:
        raise ConfigError(f"splits: {splits!r} is no mapping of pool and test; {remedy}")
    names = SplitNames(**splits)
    if not isinstance(names.pool, str) or not isinstance(names.test, str | None):
        raise ConfigError(f"splits: {dict(splits)} holds a value that is no name; {remedy}")
    if names.test is not None and canonical(names.pool) == canonical(names.test):
        raise ConfigError(f"splits: pool and test are both {names.pool!r}; {remedy}")
    return names


def canonical(name: str) -> str:
    """Return the usual name of a split: ``val`` and ``dev`` are ``validation``; another is its own."""
    return CANONICAL.get(name.lower(), name)


def split_of(path: str) -> str | None:
    """Return the split that a path below the root tells, or None where no part of it tells one."""
    *folders, name = PurePosixPath(path).parts
    numbered = NUMBERED.fullmatch(name.partition(".")[0])
    stem = numbered["name"] if numbered else name.partition(".")[0]
    if (numbered and re.fullmatch(r"\w+", stem)) or canonical(stem) in WORDS:
        return canonical(stem)
    words = [canonical(word) for word in re.split(r"[^A-Za-z]+", stem)]
    told = [word for word in words if word in WORDS]
    told += [canonical(folder) for folder in reversed(folders) if canonical(folder) in WORDS]
    return told[0] if told else None


def by_split(paths: Sequence[str]) -> dict[str, list[str]]:
    """Return the paths of each split, in their order; ``train`` where no path tells one.

    Where some tell a split, those that tell none are left out.
    """
    told = {path: split_of(path) for path in paths}
    if paths and not any(told.values()):
        return {UNNAMED: list(paths)}
    found: dict[str, list[str]] = {}
    for path, split in told.items():
        if split is not None:
            found.setdefault(split, []).append(path)
    return found


def missing_shards(paths: Sequence[str]) -> list[str]:
    """Return the shards that ``NAME-00000-of-00004`` promises and that are not among the paths."""
    missing: set[str] = set()
    for path in paths:
        place = PurePosixPath(path)
        numbered = NUMBERED.fullmatch(place.name.partition(".")[0])
        if numbered is None or place.name.partition(".")[0] != _numbered(numbered, int(numbered["number"])):
            continue
        suffix = "".join(place.suffixes)
        names = (_numbered(numbered, number) for number in range(int(numbered["count"])))
        missing |= {str(place.with_name(name + suffix)) for name in names}
    return sorted(missing - set(paths))


def _numbered(match: re.Match[str], number: int) -> str:
    return f"{match['name']}-{number:0{len(match['number'])}}-of-{match['count']}"


def require_splits(root: Path, found: Sequence[str], names: SplitNames) -> None:
    """Raise DataError naming the splits there are, where one that is asked for is not among them."""
    for key, name in (("pool", names.pool), ("test", names.test)):
        if name is None or canonical(name) in found:
            continue
        others = [split for split in found if split != canonical(names.pool)]
        remedy = f"set options.splits.{key} to one of them"
        if key == "test":
            instead = f"to {others[0]}, or " if others else ""
            remedy = f"set options.splits.test {instead}to null where nothing is measured"
        raise DataError(f"{root} has no split {name!r} for the {key}, only {', '.join(found)}; {remedy}")
