"""Tables of MATLAB files."""

from pathlib import Path

import pytest
from fact.data.mat_file import read_structs, read_texts
from mat_files import cells, structs, write_mat


@pytest.mark.parametrize("count", [1, 3])
def test_structs_and_cells(tmp_path: Path, count: int) -> None:
    rows = [{"fname": f"{i}.jpg", "class": i, "other": 0.5} for i in range(count)]
    write_mat(tmp_path / "a.mat", annotations=structs(rows), names=cells([f"name {i}" for i in range(count)]))
    assert read_structs(tmp_path / "a.mat", "annotations", ("class", "fname")) == [
        (i, f"{i}.jpg") for i in range(count)
    ]
    assert read_texts(tmp_path / "a.mat", "names") == [f"name {i}" for i in range(count)]


def test_errors_name_the_file_and_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "a.mat"
    with pytest.raises(FileNotFoundError, match=r"a\.mat does not exist"):
        read_texts(path, "names")
    write_mat(path, annotations=structs([{"fname": "1.jpg"}]))
    with pytest.raises(ValueError, match=r"a\.mat: annotations has no field 'class'"):
        read_structs(path, "annotations", ("fname", "class"))
    with pytest.raises(ValueError, match=r"a\.mat has no variable 'names'"):
        read_texts(path, "names")
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ValueError, match=r"a\.mat cannot be read"):
        read_texts(path, "names")
