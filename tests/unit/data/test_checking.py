"""Checks of declared datasets, before any job."""

from pathlib import Path

import pytest
import yaml
from cifar_copies import write_copy
from fact.config.budget import budget_size
from fact.data.checking import Checked, check_dataset
from fact.data.contract import expected_counts, load_source
from fact.data.manifest import Counts, write_manifest
from fact.data.sources import (
    cifar10,
    cifar10_lt,
    cifar100_lt,
    fgvc_aircraft,
    image_folder,
    imagenet,
    stanford_cars,
)


def entry(source: str, root: Path | None, **options: object) -> dict[str, object]:
    return {"source": source, "root": root and str(root), "options": options, "budgets": ["2img"]}


def test_the_counts_of_the_paper() -> None:
    assert expected_counts(imagenet, {"pool_limit": 5}) == Counts(1000, 1_281_167, 50_000)
    assert expected_counts(stanford_cars, {}) == Counts(196, 8_144, 8_041)
    assert expected_counts(fgvc_aircraft, {}) == Counts(100, 6_667, 3_333)
    assert expected_counts(cifar10_lt, {"tail_seed": 3}) == Counts(10, 12_406, 2_478)
    assert expected_counts(cifar100_lt, {"test_balance": "balanced"}) == Counts(100, 10_847, 10_000)
    assert expected_counts(image_folder, {}) is None


BUDGETS = {
    "cifar10": [50, 100, 250, 500, 1000],
    "cifar100": [500, 1000, 2500, 5000],
    "imagenet1k": [6405, 12811, 25623],
    "cifar10_lt": [62, 124, 248],
    "cifar100_lt": [542, 1084, 2169, 3254],
    "stanford_cars": [407, 814, 1628, 2443],
    "fgvc_aircraft": [333, 666, 1333, 2000],
}


@pytest.mark.parametrize("name", BUDGETS)
def test_budgets_of_the_paper_are_rounded_down(name: str) -> None:
    file = Path(__file__).parents[3] / "config/datasets.yaml"
    declared = yaml.safe_load(file.read_text("utf-8"))["datasets"][name]
    counts = expected_counts(load_source(declared["source"]), declared["options"])
    assert counts is not None
    assert [budget_size(budget, counts.pool) for budget in declared["budgets"]] == BUDGETS[name]


def test_a_folder_is_described(labelled_root: Path, tmp_path: Path) -> None:
    found = check_dataset("mine", entry("image_folder", labelled_root, pool_limit=3), tmp_path)
    assert found == Checked("mine", "ok", "12 pool and 4 test images of 2 classes (cat, dog)")
    (labelled_root / "train/cat/0.png").write_bytes(b"")
    said = check_dataset("mine", entry("image_folder", labelled_root), tmp_path).said
    assert said.endswith("; 1 problems, first train/cat/0.png: file is empty (0 bytes)")


def test_what_is_not_there_is_absent(tmp_path: Path) -> None:
    found = check_dataset("c", entry("cifar10", None), tmp_path)
    assert found == Checked("c", "absent", "not fetched yet; run `fact data get c`")
    found = check_dataset("i", entry("imagenet", None), tmp_path)
    assert found.status == "absent" and found.said.startswith(
        "no image folder is given; set datasets.<name>.root"
    )
    assert check_dataset("i", entry("image_folder", tmp_path / "none"), tmp_path).status == "absent"


def test_an_incomplete_copy_is_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_copy(tmp_path / "c")
    found = check_dataset("c", entry("cifar10", tmp_path / "c"), tmp_path)
    assert found.status == "damaged" and "is not the published" in found.said
    monkeypatch.setattr(cifar10, "check_files", lambda root: None)
    found = check_dataset("c", entry("cifar10", tmp_path / "c"), tmp_path)
    assert found.said.startswith("found 100 pool and 20 test images of 10 classes instead of 50,000 pool and")
    monkeypatch.setattr(cifar10, "expected_counts", lambda: Counts(10, 100, 20))
    assert check_dataset("c", entry("cifar10", tmp_path / "c"), tmp_path).status == "ok"
    (tmp_path / "c/cifar-10-batches-py/batches.meta").unlink()
    assert check_dataset("c", entry("cifar10", tmp_path / "c"), tmp_path).status == "damaged"


def test_a_budget_that_the_pool_does_not_have(labelled_root: Path, tmp_path: Path) -> None:
    declared = entry("image_folder", labelled_root, pool_limit=3) | {"budgets": ["4img"]}
    found = check_dataset("mine", declared, tmp_path)
    assert found.status == "damaged" and found.said.startswith(
        "datasets.mine.budgets: budget '4img' means 4 of"
    )


def test_images_are_compared_with_the_manifest(labelled_root: Path, tmp_path: Path) -> None:
    write_manifest(tmp_path / "datasets/mine", image_folder.index(labelled_root))
    image = labelled_root / "train/cat/0.png"
    other = (labelled_root / "train/cat/1.png").read_bytes()
    assert check_dataset("mine", entry("image_folder", labelled_root), tmp_path).status == "ok"
    image.write_bytes(other)
    found = check_dataset("mine", entry("image_folder", labelled_root), tmp_path)
    assert found.status == "damaged" and found.said.startswith(
        "train/cat/0.png is not the image that was indexed"
    )
    image.unlink()
    found = check_dataset("mine", entry("image_folder", labelled_root), tmp_path)
    assert found.said.startswith("train/cat/0.png was indexed and is not there any more; restore")
