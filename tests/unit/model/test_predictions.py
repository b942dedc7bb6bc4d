"""Predict a folder into a table: one row per file, bad files too, whatever interrupts."""

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from delivered import delivered, digits_weights
from fact.cli import app
from fact.infra.files.lock import held
from fact.model.loaded import Model, load_model
from fact.model.predictions import predict_folder
from PIL import Image
from typer.testing import CliRunner

FILES = 20


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("model")
    return delivered(base / "model", digits_weights(base / "weights"))


@pytest.fixture
def images(tmp_path: Path) -> Path:
    random = np.random.default_rng(0)
    for number in range(FILES):
        path = tmp_path / "images" / f"part {number % 2}" / f'=im,g"{number:02d}.png'
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(random.integers(0, 256, (9, 11, 3), dtype=np.uint8)).save(path)
    whole = (tmp_path / "images" / "part 0" / '=im,g"00.png').read_bytes()
    (tmp_path / "images" / "cut.png").write_bytes(whole[:-40])
    (tmp_path / "images" / "empty.jpg").touch()
    (tmp_path / "images" / "notes.txt").write_text("no image")
    return tmp_path / "images"


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_file_has_a_row(folder: Path, images: Path, tmp_path: Path) -> None:
    counts = predict_folder(load_model(folder, "cpu"), images, tmp_path / "out.csv", batch_size=7)
    rows = rows_of(tmp_path / "out.csv")
    assert counts == {"predicted": FILES, "not usable": 3} and len(rows) == FILES + 3
    bad = {row["path"]: row["status"] for row in rows if row["status"] != "ok"}
    assert set(bad) == {"cut.png", "empty.jpg", "notes.txt"} and all(bad.values())
    good = [row for row in rows if row["status"] == "ok"]
    shares = [
        [float(row[name]) for name in ("probability", "probability_2", "probability_3")] for row in good
    ]
    assert all(a >= b >= c and a + b + c <= 1.001 for a, b, c in shares)


def test_no_cell_runs_as_a_formula(folder: Path, images: Path, tmp_path: Path) -> None:
    predict_folder(load_model(folder, "cpu"), images, tmp_path / "out.csv", top_k=10)
    cells = [cell for row in rows_of(tmp_path / "out.csv") for cell in row.values()]
    assert not [cell for cell in cells if cell[:1] in "=+-@" and cell]
    assert "'=zero" in cells


class Stopping(Model):
    """A model whose work ends after some batches, as a killed process does."""

    def __init__(self, model: Model, batches: int) -> None:
        self.__dict__.update(vars(model))
        self.left = batches

    def predict_batches(self, *args: object) -> Iterator[list]:
        for batch in super().predict_batches(*args):
            if self.left == 0:
                raise KeyboardInterrupt
            self.left -= 1
            yield batch


@pytest.mark.parametrize("torn", [b"", b'"part 1/half a r', '"caf\u00e9'.encode()[:-1]])
def test_a_stopped_table_is_gone_on_with(folder: Path, images: Path, tmp_path: Path, torn: bytes) -> None:
    model, out = load_model(folder, "cpu"), tmp_path / "out.csv"
    predict_folder(model, images, tmp_path / "whole.csv", batch_size=4)
    with pytest.raises(KeyboardInterrupt):
        predict_folder(Stopping(model, 2), images, out, batch_size=4)
    part = tmp_path / "out.csv.part"
    assert not out.exists() and part.exists()
    part.write_bytes(part.read_bytes() + torn)
    again = Stopping(model, 100)
    predict_folder(again, images, out, batch_size=4)
    # of 22 files two batches were done: 14 are left, four batches
    assert 100 - again.left == 4
    assert out.read_bytes() == (tmp_path / "whole.csv").read_bytes() and not part.exists()


def test_another_model_begins_anew(folder: Path, images: Path, tmp_path: Path) -> None:
    model, out = load_model(folder, "cpu"), tmp_path / "out.csv"
    with pytest.raises(KeyboardInterrupt):
        predict_folder(Stopping(model, 1), images, out, batch_size=4)
    other = load_model(folder, "cpu")
    other.config = {**other.config, "weights_sha256": "another"}
    again = Stopping(other, 100)
    predict_folder(again, images, out, batch_size=4)
    assert 100 - again.left == 6


def test_the_command(folder: Path, images: Path, tmp_path: Path) -> None:
    command = ["predict", str(folder), str(images), "--out", str(tmp_path / "out.csv"), "--top-k", "1"]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0 and "20 predicted, 3 not usable" in done.stdout
    assert list(rows_of(tmp_path / "out.csv")[0]) == ["path", "status", "label", "probability"]


@pytest.mark.parametrize("where, out, word", [("none", "o.csv", "no folder"), (".", "o.txt", ".csv")])
def test_wrong_arguments_are_named(folder: Path, tmp_path: Path, where: str, out: str, word: str) -> None:
    done = CliRunner().invoke(
        app, ["predict", str(folder), str(tmp_path / where), "--out", str(tmp_path / out)]
    )
    assert done.exit_code == 1 and word in done.stderr


def test_names_that_a_spreadsheet_would_run_come_once_after_a_stop(
    folder: Path, images: Path, tmp_path: Path
) -> None:
    for name in ("=a.png", "-b.png", "+c.png", "@d.png", "'=e.png"):
        Image.new("RGB", (8, 8)).save(images / name)
    model, out = load_model(folder, device="cpu"), tmp_path / "out.csv"
    with pytest.raises(KeyboardInterrupt):
        predict_folder(Stopping(model, 2), images, out, batch_size=4)
    predict_folder(model, images, out, batch_size=4)
    paths = [row["path"] for row in rows_of(out)]
    assert len(paths) == len(set(paths)) and "'=a.png" in paths


def test_a_table_that_another_process_writes_is_refused(folder: Path, images: Path, tmp_path: Path) -> None:
    model, busy = load_model(folder, device="cpu"), "another `fact predict` writes"
    with held(tmp_path / ".out.csv.lock", ""), pytest.raises(RuntimeError, match=busy):
        predict_folder(model, images, tmp_path / "out.csv")
    predict_folder(model, images, tmp_path / "out.csv")
