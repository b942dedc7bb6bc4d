import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fact.infra.files.parquet import publish_parquet, read_parquet

TABLE = pa.table(
    {
        "name": [f"pool/{number}.jpg" for number in range(300)],
        "label": [None if number % 7 == 0 else number % 10 for number in range(300)],
        "score": [float("nan") if number == 3 else number / 3 for number in range(300)],
        "used": [number % 2 == 0 for number in range(300)],
        "text": pa.array([None] * 300, pa.large_string()),
    }
)


def test_a_table_comes_back_and_gives_the_same_bytes_again(tmp_path: Path) -> None:
    publish_parquet(tmp_path / "a", TABLE)
    again = read_parquet(tmp_path / "a")
    assert again.schema.equals(TABLE.schema)
    assert [str(row) for row in again.to_pylist()] == [str(row) for row in TABLE.to_pylist()]
    publish_parquet(tmp_path / "b", again)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_chunks_and_what_lies_under_missing_values_do_not_matter(tmp_path: Path) -> None:
    import numpy as np

    publish_parquet(tmp_path / "a", pa.table({"x": pa.array([1.0, 0.0], mask=np.array([False, True]))}))
    publish_parquet(tmp_path / "b", pa.table({"x": pa.chunked_array([[1.0], [None]])}))
    assert read_parquet(tmp_path / "a").equals(read_parquet(tmp_path / "b"))


def test_an_empty_table_comes_back(tmp_path: Path) -> None:
    publish_parquet(tmp_path / "a", TABLE.slice(0, 0))
    assert read_parquet(tmp_path / "a").num_rows == 0


def test_every_flipped_bit_is_refused(tmp_path: Path) -> None:
    path, draw = tmp_path / "manifest.parquet", random.Random(0)
    publish_parquet(path, TABLE)
    good = path.read_bytes()
    for _ in range(400):
        damaged = bytearray(good)
        damaged[draw.randrange(len(good))] ^= 1 << draw.randrange(8)
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"manifest\.parquet was damaged .* delete it and run again"):
            read_parquet(path)


def test_a_value_that_looks_like_a_seal_is_not_taken_for_it(tmp_path: Path) -> None:
    table = pa.table({"note": ["sha256:" + "0" * 64, "sha256:" + "ab" * 32]})
    publish_parquet(tmp_path / "a", table)
    assert read_parquet(tmp_path / "a").equals(table)


def test_a_truncated_or_foreign_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "manifest.parquet"
    publish_parquet(path, TABLE)
    good = path.read_bytes()
    for length in (0, 3, len(good) // 2, len(good) - 1):
        path.write_bytes(good[:length])
        with pytest.raises(ValueError, match=r"manifest\.parquet was damaged or edited"):
            read_parquet(path)
    pq.write_table(TABLE, path)
    with pytest.raises(ValueError, match="does not match its own checksum"):
        read_parquet(path)
    with pytest.raises(FileNotFoundError, match="gone"):
        read_parquet(tmp_path / "gone")
