"""Images handed out as files of their own, links or copies, and ``mapping.csv``: which file is which sample.

Names are made safe and carry the rank and a digest of the sample id: equal base names do not meet, and the
name alone finds the sample again.
"""

import hashlib
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from fact.data.decode import image_suffix
from fact.data.packed_files import find_packed, read_packed
from fact.data.path_text import to_path, to_text
from fact.infra.errors import LabelError
from fact.infra.files.csv_file import csv_text, read_csv
from fact.infra.files.publish import publish, publish_text
from fact.infra.files.spreadsheet import escape_formula, unescape_formula
from fact.project.labels.image_path import image_path

MAPPING = "mapping.csv"
COLUMNS = ["file", "sample_id"]
# the file that holds an image, and the name in there
Packed = tuple[Path, str]


def hand_out(out: Path, folder: str, paths: Mapping[str, str], root: Path, copy: bool) -> None:
    """Put every image below ``root`` into ``out/folder/`` and publish ``out/mapping.csv``; path by sample id.

    Images in archives and shards are copied out of them, whatever ``copy`` says. Raises
    FileNotFoundError for an image that is not there, and LabelError for an ``out`` that already holds files,
    or a path outside ``root``.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise LabelError(f"{out} already holds files, perhaps sorted ones; give an empty folder")
    sources = {sample_id: _source(root.resolve(), path) for sample_id, path in paths.items()}
    names = {
        sample_id: safe_name(rank, sample_id, path + _suffix(sources[sample_id]))
        for rank, (sample_id, path) in enumerate(paths.items(), 1)
    }
    rows = [[name, escape_formula(sample_id)] for sample_id, name in names.items()]
    publish_text(out / MAPPING, csv_text([COLUMNS, *rows], quote_all=True))
    (out / folder).mkdir(parents=True)
    for sample_id, name in names.items():
        _place(sources[sample_id], out / folder / name, copy)


def read_mapping(folder: Path) -> dict[str, str]:
    """Return sample ids by file name.

    Raises FileNotFoundError, and LabelError for another file or a name twice.
    """
    path = folder / MAPPING
    if not path.is_file():
        raise FileNotFoundError(f"{path} is not there; it says which file is which image, put it back")
    header, *rows = read_csv(path, "put back the mapping that was handed out") or [[]]
    if header != COLUMNS or any(len(row) != len(COLUMNS) for row in rows) or len(dict(rows)) < len(rows):
        raise LabelError(f"{path} is not the mapping that was handed out; put that back")
    return {name: unescape_formula(sample_id) for name, sample_id in rows}


def safe_name(rank: int, sample_id: str, path: str) -> str:
    """Return ASCII, at most 70 characters, unique by rank and by sample id.

    The end of the path is recognisable.
    """
    name = PurePosixPath(path)
    stem, suffix = (re.sub(r"[^A-Za-z0-9_-]+", "_", part) for part in (name.stem, name.suffix[1:]))
    digest = hashlib.sha256(sample_id.encode()).hexdigest()[:8]
    return f"{rank:06d}_{digest}_{stem[-40:]}.{suffix[:8]}"


def _source(root: Path, path: str) -> Path | Packed:
    """Return where an image is. Raises FileNotFoundError where it is not, LabelError outside the root."""
    file = image_path(root, path)
    packed = find_packed(root, to_path(path))
    if packed is None and not file.is_file():
        raise FileNotFoundError(f"{to_text(str(file))} is not there; give the image folder with --images")
    return packed or file


def _suffix(source: Path | Packed) -> str:
    """Return what the name of a row of a shard lacks: the suffix of its image."""
    if isinstance(source, Path) or PurePosixPath(source[1]).suffix:
        return ""
    return image_suffix(read_packed(*source))


def _place(source: Path | Packed, target: Path, copy: bool) -> None:
    if isinstance(source, Path) and not copy:
        os.symlink(source, target)
        return
    with publish(target) as temporary:
        if isinstance(source, Path):
            shutil.copyfile(source, temporary)
        else:
            temporary.write_bytes(read_packed(*source))
