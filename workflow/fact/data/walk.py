"""Find the image files below a folder, in a fixed order, without running round in symbolic links."""

import os
from pathlib import Path
from typing import NamedTuple

IMAGE_EXTENSIONS = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".ppm", ".pgm", ".bmp", ".webp", ".tif", ".tiff", ".gif"}
)
NOT_READ = frozenset(
    {".heic", ".heif", ".avif", ".jxl", ".jp2", ".psd", ".svg", ".dng", ".cr2", ".cr3", ".nef", ".arw"}
)
"""Pictures that people bring and that no decoder here takes."""
NOT_AN_IMAGE = "not an image extension"
TO_CONVERT = "a format that is not read here; convert it to JPEG or PNG"
HIDDEN = "hidden name"
SYSTEM_NAMES = frozenset({"__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "@eadir"})
"""What macOS, Windows and network drives add to folders and archives, in lower case."""
LOOP = "symbolic link to a folder already read"


class Walk(NamedTuple):
    """Paths relative to the root as ``os`` returns them (undecodable bytes as surrogates), sorted."""

    images: list[str]
    problems: list[tuple[str, str]]


def walk_images(root: Path, start: str = "") -> Walk:
    """Return all images at any depth below ``root/start``; links are followed, hidden names are not read.

    These, files with other extensions, unreadable folders and links to a folder that was already read (or
    that contains the link) are problems, not errors.
    """
    images: list[str] = []
    problems: list[tuple[str, str]] = []
    seen = {os.path.realpath(root / start)}

    def unreadable(error: OSError) -> None:
        problems.append((os.path.relpath(error.filename, root), f"folder cannot be read: {error.strerror}"))

    for current, folders, files in os.walk(root / start, followlinks=True, onerror=unreadable):
        below = os.path.relpath(current, root)
        prefix = "" if below == "." else below + "/"
        problems += [(prefix + name, HIDDEN) for name in folders if is_hidden(name)]
        kept = sorted(name for name in folders if not is_hidden(name))
        looping = [name for name in kept if _already_read(os.path.join(current, name), seen)]
        folders[:] = [name for name in kept if name not in looping]
        problems += [(prefix + name, LOOP) for name in looping]
        for name in files:
            if is_image_name(name):
                images.append(prefix + name)
            else:
                problems.append((prefix + name, why_not(name)))
    return Walk(sorted(images), sorted(problems))


def visible_files(root: Path, start: str = "") -> list[str]:
    """Return all files at any depth below ``root/start``, whatever they are; hidden names are passed over.

    Paths are relative to the root; a link to a folder that was already read is not followed.
    """
    found, seen = [], {os.path.realpath(root / start)}
    for current, folders, files in os.walk(root / start, followlinks=True):
        below = os.path.relpath(current, root)
        prefix = "" if below == "." else below + "/"
        visible = sorted(name for name in folders if not is_hidden(name))
        folders[:] = [name for name in visible if not _already_read(os.path.join(current, name), seen)]
        found += [prefix + name for name in files if not is_hidden(name)]
    return sorted(found)


def is_hidden(name: str) -> bool:
    """Return whether a name is a dot file, or what an operating system or an open spreadsheet leaves behind.

    The one rule for every folder and archive that is read.
    """
    return name.startswith((".", "~$")) or name.lower() in SYSTEM_NAMES


def is_image_name(name: str) -> bool:
    """Return whether a visible file has one of ``IMAGE_EXTENSIONS``, in upper or lower case."""
    return not is_hidden(name) and os.path.splitext(name)[1].lower() in IMAGE_EXTENSIONS


def is_image_path(path: str) -> bool:
    """Return whether a path in an archive is an image and no part of it is hidden; ``./`` means nothing."""
    folders, name = os.path.split(path)
    return is_image_name(name) and not any(is_hidden(part) for part in folders.split("/") if part != ".")


def why_not(name: str) -> str:
    """Return why a file that is hidden or has none of ``IMAGE_EXTENSIONS`` is left out."""
    if is_hidden(name):
        return HIDDEN
    return TO_CONVERT if os.path.splitext(name)[1].lower() in NOT_READ else NOT_AN_IMAGE


def is_loop(folder: Path) -> bool:
    """Return whether a folder is a link to one that contains the link."""
    return _contains(os.path.realpath(folder), os.path.realpath(folder.parent))


def _already_read(folder: str, seen: set[str]) -> bool:
    """Return whether to pass over a folder; one that is not is remembered in ``seen``."""
    real = os.path.realpath(folder)
    if real in seen or _contains(real, os.path.realpath(os.path.dirname(folder))):
        return True
    seen.add(real)
    return False


def _contains(outer: str, inner: str) -> bool:
    return os.path.commonpath([outer, inner]) == outer
