from pathlib import Path

import pytest
from fact.infra.process.cache_folder import VARIABLE, is_writable, user_cache, with_cache


def test_the_variable_comes_before_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv(VARIABLE, raising=False)
    assert user_cache() == tmp_path / ".cache"
    monkeypatch.setenv(VARIABLE, str(tmp_path / "other"))
    assert user_cache() == tmp_path / "other"


def test_a_writable_cache_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "cache"))
    assert with_cache({"A": "1"}, tmp_path / "instead") == {"A": "1"}


def test_without_a_home_folder_another_place_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.delenv(VARIABLE, raising=False)
    # a folder below a file cannot be made, not even by root
    monkeypatch.setenv("HOME", str(tmp_path / "file/home"))
    assert not is_writable(user_cache())
    assert with_cache({}, tmp_path / "instead") == {VARIABLE: str(tmp_path / "instead")}
