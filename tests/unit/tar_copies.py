"""Tar archives made of bytes."""

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path


def tar_bytes(members: Mapping[str, bytes], mode: str = "w:") -> bytes:
    """An archive with these members, in their order."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def write_tar(path: Path, members: Mapping[str, bytes], mode: str = "w:") -> Path:
    """The same as a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(tar_bytes(members, mode))
    return path
