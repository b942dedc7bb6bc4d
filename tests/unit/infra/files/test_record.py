from pathlib import Path

import pytest
from fact.infra.files.checksum import CHECKSUM
from fact.infra.files.record import publish_record, read_record
from hypothesis import given
from hypothesis import strategies as st

VALUES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)


KEYS = st.text().filter(lambda key: key != CHECKSUM)


@given(st.dictionaries(KEYS, VALUES | st.lists(VALUES, max_size=3), max_size=4))
def test_a_record_comes_back(tmp_path_factory: pytest.TempPathFactory, record: dict) -> None:
    path = tmp_path_factory.mktemp("record") / "record.json"
    publish_record(path, record)
    assert read_record(path) == record


def test_the_checksum_s_name_is_taken(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="rename that key"):
        publish_record(tmp_path / "a", {CHECKSUM: None})
    assert not (tmp_path / "a").exists()


def test_the_order_of_keys_changes_no_byte(tmp_path: Path) -> None:
    publish_record(tmp_path / "a", {"x": 1, "y": [1.5]})
    publish_record(tmp_path / "b", {"y": [1.5], "x": 1})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_every_flipped_bit_is_found_or_harmless(tmp_path: Path) -> None:
    path = tmp_path / "score.json"
    record = {"top1_last": 0.875, "setting": {"recipe": "ff", "name": "\u00e9t\u00e9"}, "history": [1, 2]}
    publish_record(path, record)
    good, refused = path.read_bytes(), 0
    for position in range(len(good)):
        for bit in range(8):
            damaged = bytearray(good)
            damaged[position] ^= 1 << bit
            path.write_bytes(damaged)
            try:
                assert read_record(path) == record  # a blank turned into a tab
            except ValueError as error:
                assert "score.json" in str(error) and "delete it and run again" in str(error)
                refused += 1
    assert refused > 7 * len(good)


def test_every_truncation_is_found(tmp_path: Path) -> None:
    path = tmp_path / "score.json"
    publish_record(path, {"top1_last": 0.875})
    good = path.read_bytes()
    for length in range(len(good) - 1):
        path.write_bytes(good[:length])
        with pytest.raises(ValueError, match=r"score\.json"):
            read_record(path)


@pytest.mark.parametrize("text", ["[1]", "3", "{}", '{"a": 1}', ""])
def test_what_is_no_record_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(ValueError, match="is no record of this project"):
        read_record(tmp_path / "a.json")


def test_numbers_that_json_lacks_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        publish_record(tmp_path / "a.json", {"loss": float("nan")})
    assert not list(tmp_path.iterdir())


def test_a_missing_record_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"gone\.json does not exist"):
        read_record(tmp_path / "gone.json")
