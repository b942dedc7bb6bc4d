"""Class folders: images to be dragged from ``unlabelled/`` into the folder of their class.

The layout is that of torchvision's ImageFolder and FiftyOne's ImageClassificationDirectoryTree; what makes it
come back is ``mapping.csv`` (:mod:`fact.project.labels.handed_files`).
"""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote

from fact.data.path_text import to_text
from fact.data.walk import is_hidden, walk_images
from fact.infra.errors import LabelError
from fact.infra.files.sha256 import file_sha256
from fact.project.labels.handed_files import MAPPING, hand_out, read_mapping
from fact.project.labels.vote import Vote, plain_name, stripped

UNLABELLED = "unlabelled"
# what some file system refuses, and the sign of the encoding itself
UNSAFE = re.compile(r'[\x00-\x1f\x7f%/\\:*?"<>|]|^[. ]|[. ]$')


def write_class_folders(
    out: Path, paths: Mapping[str, str], root: Path, classes: Sequence[str] = (), *, copy: bool = False
) -> None:
    """Hand out every image in ``out/unlabelled/``, as link or copy, and make an empty folder for each class.

    ``paths``: path by sample id. Raises what :func:`fact.project.labels.handed_files.hand_out` does, and
    LabelError for a class whose name is too long for a folder.
    """
    folders = [folder_name(name) for name in classes]
    hand_out(out, UNLABELLED, paths, root=root, copy=copy)
    for name in folders:
        (out / name).mkdir(exist_ok=True)


def read_class_folders(folder: Path) -> list[Vote]:
    """Return a vote for each file, its folder the class; without a choice in ``unlabelled/`` or in no folder.

    A file that was not handed out has no sample id. Folders without ``mapping.csv`` are the user's own: there
    an image is told by its bytes, else by its path. Raises LabelError for a damaged mapping, and
    FileNotFoundError where what was handed out has lost it.
    """
    _refuse_nested_classes(folder)
    if not (folder / MAPPING).is_file() and not (folder / UNLABELLED).is_dir():
        return [_own_vote(folder, path) for path in walk_images(folder).images if "/" in path]
    samples = read_mapping(folder)
    files = sorted(path for path in folder.rglob("*") if not path.is_dir() and not _is_hidden(folder, path))
    return [_vote(folder, file, samples) for file in files if file != folder / MAPPING]


def _own_vote(folder: Path, path: str) -> Vote:
    """Return the vote of an image in the class folders of the user's own."""
    name, sha256 = plain_name(to_text(path.partition("/")[0])), file_sha256(folder / path)
    origin = to_text(f"{folder.name}/{path}")
    return Vote(to_text(path), stripped([name]), to_text(folder.name), origin=origin, sha256=sha256)


def _refuse_nested_classes(folder: Path) -> None:
    """Raise LabelError for a folder of folders: whether it or each of those is the class cannot be told."""
    for outer in sorted(path for path in folder.iterdir() if path.is_dir() and path.name != UNLABELLED):
        inner = [path for path in sorted(outer.iterdir()) if not is_hidden(path.name)]
        if len(inner) > 1 and all(path.is_dir() and any(path.iterdir()) for path in inner):
            raise LabelError(
                f"{outer} holds no image but the folders {inner[0].name}, {inner[1].name}, …: it is unclear "
                f"which is the class; move the folders of the classes up, to {folder}"
            )


def _is_hidden(folder: Path, file: Path) -> bool:
    return any(map(is_hidden, file.relative_to(folder).parts))


def folder_name(name: str) -> str:
    """Return a class as the name of a folder; what a file system may refuse is percent-encoded."""
    encoded = UNSAFE.sub(lambda result: f"%{ord(result[0]):02X}", name)
    if encoded == UNLABELLED:
        return f"%{ord(encoded[0]):02X}{encoded[1:]}"
    if len(os.fsencode(encoded)) > 255:
        raise LabelError(f"the class {name[:40]!r}… is too long for the name of a folder; shorten it")
    return encoded


def class_name(folder: str) -> str:
    """Return the class that a folder is named after; any name but one that we encode stands for itself."""
    decoded = unquote(folder, errors="replace")
    return decoded if len(folder) <= 255 and _encodes(decoded, folder) else folder


def _encodes(decoded: str, folder: str) -> bool:
    return "\ufffd" not in decoded and folder_name(decoded) == folder


def _vote(folder: Path, file: Path, samples: Mapping[str, str]) -> Vote:
    relative = file.relative_to(folder)
    name = relative.parts[0] if len(relative.parts) > 1 else UNLABELLED
    choices = () if name == UNLABELLED else stripped([to_text(class_name(name))])
    origin = to_text(f"{folder.name}/{relative}")
    return Vote(samples.get(file.name, ""), choices, to_text(folder.name), origin=origin)
