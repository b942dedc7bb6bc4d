"""What became of the images since they were indexed. Nothing is done about it here."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from fact.data.manifest import FileOutcome, read_files, read_manifest
from fact.data.path_text import to_path, to_text
from fact.data.sources.own_images import TEST, outside_test
from fact.data.walk import walk_images


class Changes(NamedTuple):
    """Stored paths of images that are new, gone, or hold other bytes than those that were indexed."""

    new: list[str]
    gone: list[str]
    changed: list[str]


def find_changes(root: Path, index: Path, test: Path | None = None) -> Changes:
    """Compare the images below ``root`` with the index in the folder ``index``; test images are left out.

    ``test``: their folder, which may lie below ``root``. Only files that are newer than the index are read;
    one that cannot be, such as a link to nothing, is gone. Raises as reading the index does.
    """
    listed, since = read_files(index / "files.csv"), (index / "files.csv").stat().st_mtime
    known = {path: outcome for path, (outcome, _) in listed.items() if not to_path(path).startswith(TEST)}
    found, _ = outside_test(root, test, walk_images(root).images)
    result = {to_text(path): root / path for path in found if os.access(root / path, os.R_OK)}
    used = {path for path, outcome in known.items() if outcome == FileOutcome.USED}
    newer = {path for path in used & result.keys() if _touched(result[path]) > since}
    changed = _with_other_bytes({path: result[path] for path in sorted(newer)}, index) if newer else []
    return Changes(sorted(result.keys() - known.keys()), sorted(used - result.keys()), changed)


def _touched(path: Path) -> float:
    """Return when content or place last changed: a file that is moved in keeps its time of content."""
    status = os.stat(path)
    return max(status.st_mtime, status.st_ctime)


def _with_other_bytes(files: Mapping[str, Path], index: Path) -> list[str]:
    rows = read_manifest(index / "manifest.parquet")
    checksums = dict(zip(rows["sample_id"], rows["sha256"], strict=True))
    return [
        path
        for path, file in files.items()
        if hashlib.sha256(file.read_bytes()).hexdigest() != checksums[path]
    ]
