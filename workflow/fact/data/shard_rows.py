"""Images in the rows of Parquet and Arrow files, under paths as if those were folders.

``data/train-00000-of-00004.parquet/image/00000017`` is row 17 of the column ``image``. The number has eight
digits, so that names sort as rows do. The column holds bytes, or the struct {bytes, path} of Hugging Face's
``Image``.

Memory is bounded whatever the size of a shard: a row group of a Parquet file is read in batches
(:mod:`fact.data.parquet_cursor`), and an Arrow file is mapped into memory. Both are read by pyarrow; the
library ``datasets`` is not needed.
"""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from fact.data.file_version import file_version
from fact.data.parquet_cursor import open_files, parquet_metadata
from fact.infra.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

SUFFIXES = (".parquet", ".arrow")
LFS_POINTER = b"version https://git-lfs"


def row_path(shard: str, column: str, row: int) -> str:
    """Return the path of an image in a shard, which :func:`read_row` takes behind the shard's."""
    return f"{shard}/{column}/{row:08d}"


def read_row(path: Path, member: str) -> bytes:
    """Return the bytes of an image; ``member`` is ``COLUMN/ROW``.

    Raises DataError with the reason for a row that is not there or holds no bytes, and a damaged file.
    """
    import pyarrow as pa

    column, _, number = member.rpartition("/")
    if not column or not number.isdecimal():
        raise DataError(f"{path} has no row {member!r}")
    try:
        return _image_bytes(_value(path, column, int(number)))
    except (pa.ArrowException, OSError, IndexError, KeyError) as error:
        raise DataError(f"{path} cannot be read at {member}: {_said(error)}; fetch it again") from error


def shard_schema(path: Path) -> "pa.Schema":
    """Return the columns of a shard. Raises DataError for a file that is damaged or is not there at all."""
    try:
        if path.suffix == ".parquet":
            return parquet_metadata(path, *file_version(path)).schema.to_arrow_schema()
        return _arrow_table(path, *file_version(path)).schema
    except _arrow_errors() as error:
        raise DataError(f"{path} {_why_unreadable(path, error)}; fetch it again") from error


def shard_length(path: Path) -> int:
    """Return the number of rows of a shard whose schema was read."""
    if path.suffix == ".parquet":
        return int(parquet_metadata(path, *file_version(path)).num_rows)
    return len(_arrow_table(path, *file_version(path)))


def read_column(path: Path, column: str) -> list:
    """Return the values of a small column, such as labels. Raises DataError for a damaged file."""
    import pyarrow.parquet as pq

    try:
        if path.suffix == ".parquet":
            return pq.ParquetFile(path).read(columns=[column])[column].to_pylist()
        return _arrow_table(path, *file_version(path))[column].to_pylist()
    except _arrow_errors() as error:
        raise DataError(f"{path} {_why_unreadable(path, error)}; fetch it again") from error


def _arrow_errors() -> tuple[type[Exception], ...]:
    """Return what pyarrow raises for a file that it cannot read."""
    import pyarrow as pa

    return (pa.ArrowException, OSError)


def _why_unreadable(path: Path, error: BaseException) -> str:
    if path.is_file():
        with path.open("rb") as file:
            if file.read(len(LFS_POINTER)) == LFS_POINTER:
                return "is a pointer of Git LFS and not the shard (`git lfs pull` fetches it)"
    return f"cannot be read ({_said(error)})"


def _said(error: BaseException) -> str:
    return " ".join(str(error).split())


def _image_bytes(value: "pa.Scalar") -> bytes:
    """Return the bytes of a value. Raises DataError with the reason where it holds none."""
    content = value.as_py()
    if isinstance(content, dict):
        path, content = content.get("path"), content.get("bytes")
        if content is None and path:
            raise DataError(
                f"the row holds no image, only the path {path!r}; save the images with their bytes"
            )
    if content is None:
        raise DataError("the row holds no image")
    if not isinstance(content, bytes):
        raise DataError(f"the row holds {type(content).__name__}, no bytes of an image")
    return content


def _value(path: Path, column: str, row: int) -> "pa.Scalar":
    version = file_version(path)
    if path.suffix == ".arrow":
        return _arrow_table(path, *version)[column][row]
    return open_files().read(path, column, row, version)


@lru_cache(maxsize=256)
def _arrow_table(path: Path, size: int, changed: int) -> "pa.Table":
    """Return the table of an Arrow file, as stream (``datasets`` writes these) or file; nothing is copied."""
    import pyarrow as pa

    source = pa.memory_map(str(path))
    is_file = source.read(6) == b"ARROW1"
    source.seek(0)
    return (pa.ipc.open_file(source) if is_file else pa.ipc.open_stream(source)).read_all()
