import os
import pickle
from pathlib import Path

import numpy as np
import pytest
from fact.data.safe_pickle import load_plain_pickle


def dump(path: Path, value: object, protocol: int = 2) -> Path:
    path.write_bytes(pickle.dumps(value, protocol=protocol))
    return path


class Hostile:
    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.target),)


def test_plain_data_is_read(tmp_path: Path) -> None:
    array = np.arange(12, dtype=np.uint8).reshape(3, 4)
    loaded = load_plain_pickle(
        dump(tmp_path / "a", {b"data": array, b"labels": [1, 2], b"nested": [{b"x": array}]})
    )
    assert np.array_equal(loaded[b"data"], array) and loaded[b"labels"] == [1, 2]
    assert np.array_equal(loaded[b"nested"][0][b"x"], array)


def test_column_major_array(tmp_path: Path) -> None:
    array = np.asfortranarray(np.arange(12, dtype=np.uint8).reshape(3, 4))
    assert np.array_equal(load_plain_pickle(dump(tmp_path / "a", array)), array)


@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_a_call_is_refused_and_not_made(tmp_path: Path, protocol: int) -> None:
    target = tmp_path / "made"
    path = dump(tmp_path / "a", {b"data": Hostile(target)}, protocol)
    with pytest.raises(ValueError, match=r"a cannot be read as plain data: it names posix\.mkdir"):
        load_plain_pickle(path)
    assert not target.exists()
    pickle.loads(path.read_bytes())  # the file is a real attack: a trusting reader does make the folder
    assert target.exists()


@pytest.mark.parametrize(
    "array", [np.array([1.0]), np.array([object()]), np.zeros(1, "V8")], ids=["floats", "objects", "void"]
)
def test_arrays_of_other_types_are_refused(tmp_path: Path, array: np.ndarray) -> None:
    class_free = np.array([None]) if array.dtype == object else array
    with pytest.raises(ValueError, match="instead of uint8"):
        load_plain_pickle(dump(tmp_path / "a", class_free))


def test_forged_array_state_is_refused(tmp_path: Path) -> None:
    good = pickle.dumps(np.zeros((2, 2), np.uint8), protocol=2)
    forged = good.replace(b"K\x02K\x02\x86", b"K\x02K\x09\x86")
    assert forged != good
    (tmp_path / "a").write_bytes(forged)
    with pytest.raises(ValueError, match="cannot reshape"):
        load_plain_pickle(tmp_path / "a")


def test_damaged_and_missing_files(tmp_path: Path) -> None:
    path = dump(tmp_path / "a", {b"labels": list(range(100))})
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(ValueError, match="cannot be read as plain data"):
        load_plain_pickle(path)
    with pytest.raises(FileNotFoundError, match="copy of the data set is incomplete"):
        load_plain_pickle(tmp_path / "none")
