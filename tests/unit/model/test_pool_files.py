"""The pool's part in phase 3, from files: vectors and images of the rows that are drawn, in their order."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fact.backbones.spec import BackboneSpec
from fact.data.labels_file import write_labels
from fact.data.manifest import make_index, pixel_record, write_manifest
from fact.infra.errors import ArtifactError
from fact.model.pool_files import read_pool_part
from fact.model.pool_rows import drawn_unlabelled, write_drawn
from fact.training.propagation.propagate import PropagationSpec
from feature_files import ATTRIBUTES, write_features

NAMES = [f"{row:02d}.png" for row in range(12)]
PROPAGATION = {
    "neighbours": 5,
    "alpha": 0.9,
    "temperature": 0.1,
    "equal_classes": "estimated",
    "pseudocount": 0.01,
}
SPEC = BackboneSpec(
    architecture="vit_tiny_patch16_224",
    model_args={},
    image_size=4,
    interpolation="bicubic",
    mean=(0.5,) * 3,
    std=(0.2,) * 3,
    source="none",
)
PIXELS = np.random.default_rng(0).integers(0, 256, (12, 4, 4, 3), dtype=np.uint8)
# multiples of 1/8, which a file in half precision holds as they are
VECTORS = (np.random.default_rng(1).integers(-99, 99, (12, 3)) / 8).astype(np.float32)


def settings(images: int = 100, transform: str = "crop") -> dict:
    return {"transform": transform, "pool": {"images": images, "propagation": PROPAGATION}}


class Files:
    """Twelve images of a pool, three of them labelled, and what jobs have of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        pool = [pixel_record(name, "pool", name, 0, PIXELS[row]) for row, name in enumerate(NAMES)]
        test = pixel_record("test.png", "test", "test.png", 0, PIXELS[0])
        index = make_index([*pool, test], [], ["cat", "dog"])
        write_manifest(folder, index)
        self.manifest = index.rows
        self.paths = {
            "manifest": str(folder / "manifest.parquet"),
            "labels": [str(folder / "labels.csv")],
            "groups": [],
        }
        self.label(NAMES[2:5])

    def label(self, names: list[str]) -> None:
        write_labels(self.folder / "labels.csv", dict.fromkeys(names, "cat"))
        self.labelled = names

    def rows(self, count: int) -> pd.DataFrame:
        return drawn_unlabelled(self.manifest, self.labelled, count)

    def write_vectors(self, order: list[int]) -> dict:
        samples = {"sample_ids": [NAMES[row] for row in order], "labels": np.full(len(order), -1)}
        path = self.folder / "pool.h5"
        write_features(path, VECTORS[order], attributes=ATTRIBUTES, **samples)
        return {**self.paths, "pool": str(path)}

    def write_images(self, rows: pd.DataFrame) -> dict:
        path = self.folder / "pool_images.h5"
        images = PIXELS[[NAMES.index(name) for name in rows["sample_id"]]]
        batches = [images[:2], images[2:]] if len(images) else []
        write_drawn(path, batches, rows, SPEC, "crop")
        return {**self.paths, "pool_images": str(path)}


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


@pytest.mark.parametrize("count", [100, 4])
def test_frozen_vectors_are_in_the_order_of_the_rows_whatever_that_of_the_file(
    files: Files, count: int
) -> None:
    order = list(np.random.default_rng(2).permutation(12))
    part = read_pool_part(files.write_vectors(order), settings(count), SPEC, frozen=True)
    drawn = [NAMES.index(name) for name in files.rows(count)["sample_id"]]
    assert len(drawn) == min(count, 9) and not set(drawn) & {2, 3, 4}
    assert np.array_equal(part.vectors, VECTORS[drawn]) and part.images is None
    assert part.propagation == PropagationSpec(neighbours=5, alpha=0.9)


@pytest.mark.parametrize("count", [100, 4])
def test_images_for_a_tuned_backbone_are_those_that_were_decoded(files: Files, count: int) -> None:
    rows = files.rows(count)
    part = read_pool_part(files.write_images(rows), settings(count), SPEC, frozen=False)
    assert np.array_equal(part.images, PIXELS[[NAMES.index(name) for name in rows["sample_id"]]])
    assert part.vectors is None
    # a copy, for the file is a temporary one
    assert not isinstance(part.images, np.memmap)


def test_without_a_part_of_the_pool_no_file_is_read(files: Files) -> None:
    assert read_pool_part({}, {**settings(), "pool": None}, SPEC, frozen=True) is None


@pytest.mark.parametrize("frozen", [True, False])
def test_where_all_is_labelled_there_is_no_part(files: Files, frozen: bool) -> None:
    files.label(NAMES)
    given = files.write_vectors(list(range(12))) | files.write_images(files.rows(100))
    assert read_pool_part(given, settings(), SPEC, frozen=frozen) is None


def test_files_of_other_images_are_refused(files: Files) -> None:
    given = files.write_images(files.rows(100))
    with pytest.raises(ArtifactError, match="transform is of other images or settings"):
        read_pool_part(given, settings(transform="squash"), SPEC, frozen=False)
    files.label(NAMES[5:8])
    with pytest.raises(ArtifactError, match=r"pool_images\.h5: its rows_sha256 is of other images"):
        read_pool_part(given, settings(), SPEC, frozen=False)
    with pytest.raises(ArtifactError, match=r"pool's features do not hold"):
        read_pool_part(files.write_vectors([0, 1, 2]), settings(), SPEC, frozen=True)
