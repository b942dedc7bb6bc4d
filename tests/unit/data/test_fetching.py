"""Finding a dataset's folder, or downloading it."""

from pathlib import Path

import pytest
from fact.data.fetching import fetch_source
from fact.data.sources import cifar10
from fact.infra.errors import DataError
from fact.infra.files.record import read_record


def test_a_configured_root_is_found(tmp_path: Path) -> None:
    output = tmp_path / "sources/mine/source.json"
    settings = {"source": "image_folder", "root": str(tmp_path)}
    assert fetch_source("mine", settings, output) == tmp_path
    assert read_record(output) == settings
    with pytest.raises(FileNotFoundError, match=r"datasets\.mine\.root: the folder .*none does not exist"):
        fetch_source("mine", settings | {"root": str(tmp_path / "none")}, output)


def test_a_source_without_a_folder(tmp_path: Path) -> None:
    assert fetch_source("digits", {"source": "digits", "root": None}, tmp_path / "source.json") is None


def test_a_download_lies_beside_the_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cifar10, "download", lambda root: (root / "batches").mkdir(parents=True))
    output = tmp_path / "cifar10/source.json"
    assert fetch_source("cifar10", {"source": "cifar10", "root": None}, output) == output.parent
    assert (output.parent / "batches").is_dir()


@pytest.mark.parametrize("error", [OSError("no route to host"), DataError("another md5")])
def test_a_failed_download_leaves_no_record_and_names_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(root: Path) -> None:
        raise error

    monkeypatch.setattr(cifar10, "download", fail)
    with pytest.raises(ValueError, match=r"datasets\.c could not be .*set datasets\.c\.root to a local copy"):
        fetch_source("c", {"source": "cifar10", "root": None}, tmp_path / "source.json")
    assert not (tmp_path / "source.json").exists()
