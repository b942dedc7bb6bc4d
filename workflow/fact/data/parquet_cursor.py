"""Values of one column of a Parquet file by row, read in batches, with memory bounded whatever its size.

A row group is read from its beginning, for Parquet has no other way in; reading goes on from there, and the
last few megabytes are kept, so that threads that read side by side find their rows. All threads share the few
files that are open: a cursor in a row group may hold a page, and writers make pages of up to 1,024 images.
"""

import threading
from bisect import bisect_right
from collections import OrderedDict, deque
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

BATCH_BYTES, MOST_ROWS, BATCHES_KEPT = 2**22, 256, 8
BUFFER = 2**20
OPEN_FILES, CURSORS = 2, 4


class Cursor:
    """A place in a row group, from which reading goes on; ``kept`` are the batches just before it."""

    def __init__(self, file: "pq.ParquetFile", column: str, group: int, first: int) -> None:
        """Begin a row group, whose first row is ``first``. ``column`` is the one to read."""
        about = file.metadata.row_group(group)
        size = max(1, min(MOST_ROWS, BATCH_BYTES * about.num_rows // max(1, about.total_byte_size)))
        self.batches: Iterator[pa.RecordBatch] = file.iter_batches(
            batch_size=size, row_groups=[group], columns=[column], use_threads=False
        )
        self.group, self.next = group, first
        self.kept: deque[tuple[int, pa.Array]] = deque(maxlen=BATCHES_KEPT)
        self.error: Exception | None = None

    def reaches(self, group: int, row: int) -> bool:
        """Return whether it holds a row or can go on to it."""
        return group == self.group and row >= (self.kept[0][0] if self.kept else self.next)

    def read(self, row: int) -> "pa.Scalar":
        """Return the value of a row that it reaches. Raises what pyarrow raises for a damaged file."""
        while row >= self.next:
            self._advance()
        first, values = next(batch for batch in reversed(self.kept) if batch[0] <= row)
        return values[row - first]

    def _advance(self) -> None:
        """Read the next batch. Where one is damaged, the rows from there on have the same error."""
        if self.error is None:
            try:
                values = next(self.batches).column(0)
            except Exception as error:
                self.error = IndexError("rows are missing") if isinstance(error, StopIteration) else error
            else:
                self.kept.append((self.next, values))
                self.next += len(values)
        if self.error is not None:
            raise self.error


class ColumnReader:
    """One column of a Parquet file, with a few cursors: threads may be in several row groups."""

    def __init__(self, path: Path, column: str, metadata: "pq.FileMetaData") -> None:
        import pyarrow.parquet as pq

        self.file = pq.ParquetFile(path, metadata=metadata, buffer_size=BUFFER, pre_buffer=False)
        self.column = column
        groups = (metadata.row_group(group) for group in range(metadata.num_row_groups))
        self.starts = [0, *accumulate(group.num_rows for group in groups)]
        # the one used last stands last
        self.cursors: list[Cursor] = []

    def read(self, row: int) -> "pa.Scalar":
        """Return the value of a row. Raises IndexError for one beyond the last, and what pyarrow raises."""
        if row >= self.starts[-1]:
            raise IndexError(f"it has {self.starts[-1]} rows")
        group = bisect_right(self.starts, row) - 1
        reaching = [cursor for cursor in self.cursors if cursor.reaches(group, row)]
        if reaching:
            cursor = max(reaching, key=lambda one: one.next)
            self.cursors.remove(cursor)
        else:
            del self.cursors[: len(self.cursors) - CURSORS + 1]
            cursor = Cursor(self.file, self.column, group, self.starts[group])
        self.cursors.append(cursor)
        return cursor.read(row)


class OpenFiles:
    """The columns that are open, for all threads together."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.readers: OrderedDict[tuple[Path, str, tuple[int, int]], ColumnReader] = OrderedDict()

    def read(self, path: Path, column: str, row: int, version: tuple[int, int]) -> "pa.Scalar":
        """Return the value of a row; ``version`` changes when the file is replaced."""
        key = (path, column, version)
        with self.lock:
            if key not in self.readers:
                self.readers[key] = ColumnReader(path, column, parquet_metadata(path, *version))
            self.readers.move_to_end(key)
            while len(self.readers) > OPEN_FILES:
                self.readers.popitem(last=False)
            return self.readers[key].read(row)


@lru_cache(maxsize=1)
def open_files() -> OpenFiles:
    """Return the files that this process has open."""
    return OpenFiles()


@lru_cache(maxsize=1024)
def parquet_metadata(path: Path, size: int, changed: int) -> "pq.FileMetaData":
    """Return the footer of a file of this version. Raises what pyarrow raises for another file."""
    import pyarrow.parquet as pq

    return pq.read_metadata(path)
