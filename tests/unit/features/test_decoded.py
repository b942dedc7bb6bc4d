"""Decoded test images: the bytes that were decoded, or one sentence with a remedy."""

import os
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
import torch
from fact.backbones.spec import ImageInput
from fact.features.decoded import DecodedImages
from fact.features.decoded_file import write_decoded
from fact.infra.errors import ArtifactError

SPEC = ImageInput(image_size=4, interpolation="bicubic", mean=(0.5,) * 3, std=(0.2,) * 3)
IMAGES = np.random.default_rng(0).integers(0, 256, (7, 4, 4, 3), dtype=np.uint8)
ROWS = pd.DataFrame(
    {"sample_id": [f"é{row}" for row in range(7)], "sha256": [f"{row:064x}" for row in range(7)]}
)
CPU = torch.device("cpu")


def written(folder: Path, images: np.ndarray = IMAGES) -> Path:
    path = folder / "decoded.h5"
    write_decoded(path, [images[:4], images[4:]], ROWS, SPEC, "crop")
    return path


@pytest.mark.parametrize("size", [1, 3, 100])
def test_batches_are_the_images_as_often_as_asked(tmp_path: Path, size: int) -> None:
    decoded = DecodedImages(written(tmp_path), ROWS, SPEC, "crop")
    for _ in range(2):
        batches = list(decoded.batches(size, CPU))
        assert [len(batch) for batch in batches[:-1]] == [size] * (len(batches) - 1)
        assert np.array_equal(torch.cat(batches).numpy(), IMAGES)


def test_equal_images_give_equal_bytes(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    assert written(tmp_path).read_bytes() == written(tmp_path / "other").read_bytes()


def test_a_file_of_other_rows_or_another_geometry_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path)
    other = ROWS.assign(sha256=ROWS["sha256"][::-1].to_list())
    for rows, transform, name in ((other, "crop", "rows_sha256"), (ROWS, "squash", "transform")):
        with pytest.raises(ArtifactError, match=rf"decoded\.h5: its {name} is of other .*delete the file"):
            DecodedImages(path, rows, SPEC, transform)


def test_every_damaged_byte_of_the_images_is_seen(tmp_path: Path) -> None:
    path = written(tmp_path)
    with h5py.File(path) as file:
        offset = file["images"].id.get_offset()
    whole = path.read_bytes()
    for place in (offset, offset + IMAGES.nbytes // 2, offset + IMAGES.nbytes - 1):
        damaged = bytearray(whole)
        damaged[place] ^= 1
        path.write_bytes(damaged)
        with pytest.raises(ArtifactError, match=r"content hash mismatch.*delete the file and run"):
            DecodedImages(path, ROWS, SPEC, "crop")


def test_a_cut_or_foreign_file_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path)
    whole = path.read_bytes()
    for content in (whole[: len(whole) // 2], b"no HDF5"):
        path.write_bytes(content)
        with pytest.raises(ArtifactError, match=r"decoded\.h5.*delete the file and run"):
            DecodedImages(path, ROWS, SPEC, "crop")
    with h5py.File(path, "w") as file:
        file["images"] = IMAGES
    with pytest.raises(ArtifactError, match="expected 'fact-decoded-1'"):
        DecodedImages(path, ROWS, SPEC, "crop")


def test_a_link_into_another_file_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path)
    with h5py.File(path, "a") as file:
        del file["images"]
        file["images"] = h5py.ExternalLink("/etc/hostname", "/images")
    with pytest.raises(ArtifactError, match="link to another place"):
        DecodedImages(path, ROWS, SPEC, "crop")


def test_a_file_that_changes_under_a_job_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path)
    decoded = DecodedImages(path, ROWS, SPEC, "crop")
    written(tmp_path, IMAGES[::-1])
    with pytest.raises(ArtifactError, match="changed while it was in use; run the same command again"):
        decoded.batches(3, CPU)
    os.unlink(path)
    with pytest.raises(ArtifactError, match="changed while it was in use"):
        decoded.batches(3, CPU)


def test_a_missing_file_names_the_rule(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="the rule decode_test writes it"):
        DecodedImages(tmp_path / "none.h5", ROWS, SPEC, "crop")


def test_a_full_disk_is_told_before_a_batch_is_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Usage:
        free = 10

    monkeypatch.setattr("shutil.disk_usage", lambda path: Usage)
    with pytest.raises(OSError, match=r"free some space, or set run\.history to last"):
        write_decoded(tmp_path / "decoded.h5", iter(()), ROWS, SPEC, "crop")
    assert not list(tmp_path.iterdir())


def test_missing_images_leave_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="4 images came for 7 rows"):
        write_decoded(tmp_path / "decoded.h5", [IMAGES[:4]], ROWS, SPEC, "crop")
    assert not list(tmp_path.iterdir())
