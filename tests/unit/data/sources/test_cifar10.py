"""CIFAR-10 in miniature copies."""

import hashlib
import os
import pickle
import tarfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from cifar_copies import CLASSES, dump, write_copy
from fact.data.sources import cifar10
from fact.infra.errors import DataError


def test_the_miniature_has_the_published_form(tmp_path: Path) -> None:
    write_copy(tmp_path)
    data = (tmp_path / "cifar-10-batches-py/data_batch_1").read_bytes()
    assert data.startswith(b"\x80\x02}") and b"cnumpy.core.multiarray\n_reconstruct\n" in data
    assert b"U\x0bbatch_label" in data and b"_codecs" not in data
    trusting = pickle.loads(data, encoding="bytes")
    assert trusting[b"data"].shape == (20, 3072)


def test_index(tmp_path: Path) -> None:
    pixels = write_copy(tmp_path)
    rows, problems, classes = cifar10.index(tmp_path)
    assert classes == [name.decode() for name in CLASSES] and problems.empty
    assert rows["split"].value_counts().to_dict() == {"pool": 100, "test": 20}
    row = rows.iloc[43]
    image = pixels["data_batch_3"][3].reshape(3, 32, 32).transpose(1, 2, 0)
    digest = hashlib.sha256(image.tobytes()).hexdigest()
    assert row.to_list() == ["pool/data_batch_3/00003", "pool", "data_batch_3/3", 3, 32, 32, digest, "ok"]
    assert np.array_equal(cifar10.read_image(tmp_path, row["locator"]), image)


def test_root_may_be_the_folder_itself(tmp_path: Path) -> None:
    write_copy(tmp_path)
    inner = cifar10.index(tmp_path / "cifar-10-batches-py")
    assert inner.rows.equals(cifar10.index(tmp_path).rows)


def test_limits_keep_class_proportions(tmp_path: Path) -> None:
    write_copy(tmp_path)
    rows = cifar10.index(tmp_path, pool_limit=30, test_limit=10).rows
    assert rows.groupby(["split", "label"]).size().to_list() == [3] * 10 + [1] * 10
    other = cifar10.index(tmp_path, pool_limit=30, test_limit=10, subset_seed=1).rows
    assert set(rows["sample_id"]) != set(other["sample_id"])


def test_hostile_batch_is_refused(tmp_path: Path) -> None:
    class Hostile:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(tmp_path / "made"),)

    write_copy(tmp_path)
    (tmp_path / "cifar-10-batches-py/data_batch_2").write_bytes(
        pickle.dumps({b"data": Hostile()}, protocol=2)
    )
    with pytest.raises(ValueError, match=r"data_batch_2 cannot be read as plain data: it names posix\.mkdir"):
        cifar10.index(tmp_path)
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    ("batch", "message"),
    [
        ([1], "no array"),
        ({b"labels": [0]}, "no array"),
        ({b"data": np.zeros((2, 100), np.uint8), b"labels": [0, 1]}, "no array"),
        ({b"data": np.zeros((2, 3072), np.uint8), b"labels": [0]}, "not a list of 2 labels"),
        ({b"data": np.zeros((2, 3072), np.uint8), b"labels": [0, 10]}, "not a list of 2 labels"),
    ],
)
def test_other_content_is_refused(tmp_path: Path, batch: object, message: str) -> None:
    write_copy(tmp_path)
    dump(tmp_path / "cifar-10-batches-py/test_batch", batch)
    with pytest.raises(ValueError, match=f"test_batch: .*{message}"):
        cifar10.index(tmp_path)


def test_missing_files(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"set datasets\.<name>\.root"):
        cifar10.index(tmp_path)
    write_copy(tmp_path)
    (tmp_path / "cifar-10-batches-py/data_batch_5").unlink()
    with pytest.raises(FileNotFoundError, match="data_batch_5 does not exist"):
        cifar10.index(tmp_path)


@pytest.mark.parametrize(
    "locator", ["data_batch_1/20", "data_batch_6/0", "data_batch_1/-1", "data_batch_1", "../x/0"]
)
def test_unknown_locator(tmp_path: Path, locator: str) -> None:
    write_copy(tmp_path)
    with pytest.raises(ValueError, match="CIFAR-10 has no sample"):
        cifar10.read_image(tmp_path, locator)


@pytest.fixture
def published(tmp_path: Path) -> Iterator[Path]:
    """A folder that a web server on this machine serves, under the address in its file ``url``."""
    folder = tmp_path / "published"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(folder)))
    (folder / "url").write_text(f"http://127.0.0.1:{server.server_port}/")
    Thread(target=server.serve_forever, daemon=True).start()
    yield folder
    server.shutdown()
    server.server_close()


def test_download_checks_and_unpacks(
    tmp_path: Path, published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    from torchvision.datasets import CIFAR10

    write_copy(tmp_path / "source")
    archive = published / CIFAR10.filename
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(tmp_path / "source/cifar-10-batches-py", "cifar-10-batches-py")
    monkeypatch.setattr(CIFAR10, "url", (published / "url").read_text() + CIFAR10.filename)
    monkeypatch.setattr("pooch.core.time.sleep", lambda _: None)
    with pytest.raises(DataError, match="hash of downloaded file"):
        cifar10.download(tmp_path / "wrong")
    monkeypatch.setattr(CIFAR10, "tgz_md5", hashlib.md5(archive.read_bytes()).hexdigest())
    cifar10.download(tmp_path / "right")
    assert len(cifar10.index(tmp_path / "right").rows) == 120


def test_files_are_compared_with_the_published_md5(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:

    from torchvision.datasets import CIFAR10

    write_copy(tmp_path)
    folder = tmp_path / "cifar-10-batches-py"
    with pytest.raises(ValueError, match=r"data_batch_1: md5 .* is not the published c99cafc1"):
        cifar10.check_files(tmp_path)
    md5 = {path.name: hashlib.md5(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    monkeypatch.setattr(
        CIFAR10, "train_list", [[f"data_batch_{n}", md5[f"data_batch_{n}"]] for n in range(1, 6)]
    )
    monkeypatch.setattr(CIFAR10, "test_list", [["test_batch", md5["test_batch"]]])
    monkeypatch.setattr(CIFAR10, "meta", {"filename": "batches.meta", "md5": md5["batches.meta"]})
    cifar10.check_files(tmp_path)
    (folder / "test_batch").unlink()
    with pytest.raises(FileNotFoundError, match="test_batch does not exist; fetch CIFAR-10 again"):
        cifar10.check_files(tmp_path)
