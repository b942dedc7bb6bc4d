"""Predictions as a table: one row per file of a folder, written as they come, and gone on with after a stop.

While a table is written it is ``OUT.part``, with ``OUT.part.json`` saying of which model and folder; a run
that was stopped goes on behind its last whole row. Finished, it becomes ``OUT`` by a rename.
"""

import csv
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from fact.data.path_text import to_text
from fact.data.walk import walk_images
from fact.infra.errors import ConfigError
from fact.infra.files.csv_file import csv_text
from fact.infra.files.lock import held
from fact.infra.files.record import publish_record, read_record
from fact.infra.files.spreadsheet import escape_formula, unescape_formula
from fact.infra.process.progress import log, track
from fact.model.decoding import decoded_batches
from fact.model.likeness import Seen
from fact.model.loaded import Model, Prediction


def predict_folder(
    model: Model,
    folder: Path,
    out: Path,
    *,
    top_k: int = 3,
    batch_size: int = 64,
    workers: int = 1,
    seen: Seen | None = None,
) -> dict[str, int]:
    """Publish ``out`` (CSV): path, status, label, probability and the next likeliest of every file below.

    ``seen`` takes in what the images are like that were predicted now. Returns how many files have each kind
    of outcome. Raises FileNotFoundError without the folder, ConfigError for one without files, or an ``out``
    that is no CSV.
    """
    images, problems = _files(folder, out)
    top_k = min(top_k, len(model.classes))
    busy = f"another `fact predict` writes {out}; wait for its end, or name another table"
    table = _Table(out, _header(top_k), {**_about(model, folder), "top_k": top_k})
    with held(_lock(out), busy):
        done = table.resume()
        if done:
            log(f"{len(done)} files were done before; going on with the rest")
        left = [path for path in images if to_text(path) not in done]
        batches = decoded_batches(folder, left, model.preprocessing, batch_size=batch_size, workers=workers)
        steps = track(model.predict_batches(batches, top_k, seen), -(-len(left) // batch_size), "batches")
        for rows in steps:
            table.write([_cells(row, top_k) for row in rows])
        bad = [Prediction(path, reason, None, probability=None, top=[]) for path, reason in problems]
        table.write([_cells(row, top_k) for row in bad if to_text(row.path) not in done])
        return table.finish()


def _files(folder: Path, out: Path) -> tuple[list[str], list[tuple[str, str]]]:
    """Return images, and other files with the reason why they are none."""
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is no folder; give the folder of the images")
    if out.suffix != ".csv":
        raise ConfigError(f"predictions are written as .csv, not {out.suffix!r}; rename {out}")
    images, problems = walk_images(folder)
    own = {os.path.realpath(path) for path in (out, _part(out), _part_record(out), _lock(out))}
    problems = [row for row in problems if os.path.realpath(folder / row[0]) not in own]
    if not images and not problems:
        raise ConfigError(f"{folder} holds no files; give the folder of the images")
    return images, problems


class _Table:
    """A CSV file that grows by whole rows."""

    def __init__(self, out: Path, header: list[str], metadata: dict) -> None:
        self.out, self.header, self.about = out, header, metadata

    def resume(self) -> set[str]:
        """Return paths of the rows that are there; begins a new table where none fits."""
        part, record = _part(self.out), _part_record(self.out)
        self.out.parent.mkdir(parents=True, exist_ok=True)
        if part.is_file() and record.is_file() and self._is_same(record):
            rows = list(_whole_rows(part))
            if rows and rows[0] == self.header:
                return {unescape_formula(row[0]) for row in rows[1:]}
        publish_record(record, self.about)
        part.write_text(csv_text([self.header], quote_all=True), "utf-8")
        return set()

    def write(self, rows: Sequence[Sequence[str]]) -> None:
        """Append rows, at once: a stop loses at most the last batch."""
        with _part(self.out).open("a", encoding="utf-8", newline="") as file:
            file.write(csv_text(([escape_formula(cell) for cell in row] for row in rows), quote_all=True))
            file.flush()
            os.fsync(file.fileno())

    def finish(self) -> dict[str, int]:
        """Move the table to its place; returns the numbers of usable and other files."""
        rows = list(_whole_rows(_part(self.out)))[1:]
        os.replace(_part(self.out), self.out)
        _part_record(self.out).unlink(missing_ok=True)
        ok = sum(row[1] == "ok" for row in rows)
        return {"predicted": ok, "not usable": len(rows) - ok}

    def _is_same(self, record: Path) -> bool:
        try:
            return read_record(record) == self.about
        except ValueError:
            return False


def _whole_rows(part: Path) -> Iterator[list[str]]:
    """Yield rows up to the last line end outside of quotes; what follows, half a row, is cut off the file."""
    text = part.read_bytes().decode("utf-8", errors="ignore")
    whole = _whole_length(text)
    if whole < len(text) or text.encode() != part.read_bytes():
        part.write_bytes(text[:whole].encode())
    yield from csv.reader(text[:whole].splitlines(keepends=True))


def _whole_length(text: str) -> int:
    """Return where the last row ends: every cell is quoted, so that a line end after an even number of
    quotes.
    """
    end = len(text)
    while (end := text.rfind("\n", 0, end)) >= 0:
        if text.count('"', 0, end) % 2 == 0:
            return end + 1
    return 0


def _header(top_k: int) -> list[str]:
    more = [name for rank in range(2, top_k + 1) for name in (f"label_{rank}", f"probability_{rank}")]
    return ["path", "status", "label", "probability", *more]


def _cells(row: Prediction, top_k: int) -> list[str]:
    cells = [cell for label, probability in row.top for cell in (label, f"{probability:.4f}")]
    return [to_text(row.path), row.status, *(cells or [""] * (2 * top_k))]


def _about(model: Model, folder: Path) -> dict:
    return {"model": model.config["weights_sha256"], "folder": to_text(str(folder.resolve()))}


def _part(out: Path) -> Path:
    return out.with_name(f"{out.name}.part")


def _lock(out: Path) -> Path:
    return out.with_name(f".{out.name}.lock")


def _part_record(out: Path) -> Path:
    return out.with_name(f"{out.name}.part.json")
