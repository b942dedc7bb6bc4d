from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fact.data.labelled_rows import check_test, labelled_rows, read_class_labels
from fact.data.labels_file import write_labels
from fact.data.manifest import make_index, read_manifest, write_manifest
from fact.data.selection_file import write_selection
from fact.features.labelled import labelled_features, pool_labels
from fact.features.store import FeatureSet

LABELS = {"00012": 2, "12": 0, "=a,b": 1, "no\nlabel": None, "none": None}


@pytest.fixture
def manifest(tmp_path: Path) -> pd.DataFrame:
    """A manifest from its file: five pool images, two of them without a label, and a test image."""
    records = [(name, "pool", f"img/{name}", label, 8, 8, "0" * 64, "ok") for name, label in LABELS.items()]
    records.append(("test/1", "test", "img/test/1", 0, 8, 8, "0" * 64, "ok"))
    write_manifest(tmp_path, make_index(records, [], ["a", "b", "c"]))
    return read_manifest(tmp_path / "manifest.parquet")


def pool_of(manifest: pd.DataFrame) -> FeatureSet:
    """Features of the pool; a row's first entry is its position."""
    rows = manifest[manifest["split"] == "pool"]
    features = np.arange(len(rows) * 3, dtype=np.float32).reshape(-1, 3)
    labels = rows["label"].fillna(-1).to_numpy(np.int64)
    return FeatureSet(features, None, list(rows["sample_id"]), labels, {})


def select(folder: Path, ids: list[str]) -> Path:
    """A selection of these ids, written without a manifest, as it may be out of date."""
    path = folder / "seed0.csv"
    write_selection(path, pd.DataFrame({"sample_id": ids, "locator": ids}), [0.0] * len(ids))
    return path


def test_rows_are_in_pick_order_with_their_labels(tmp_path, manifest):
    rows = labelled_rows(manifest, select(tmp_path, ["=a,b", "00012", "12"]))
    assert list(rows["sample_id"]) == ["=a,b", "00012", "12"] and list(rows["label"]) == [1, 2, 0]
    assert list(rows["locator"]) == ["img/=a,b", "img/00012", "img/12"]


def test_features_are_in_pick_order_with_their_labels(tmp_path, manifest):
    pool = pool_of(manifest)
    features, labels, ids = labelled_features(pool, select(tmp_path, ["=a,b", "00012", "12"]))
    assert ids == ["=a,b", "00012", "12"]
    assert labels.tolist() == [1, 2, 0] and labels.dtype == np.int64
    expected = np.stack([pool.features[pool.sample_ids.index(name)] for name in ids])
    assert np.array_equal(features, expected) and features.dtype == np.float32


def test_rows_and_features_agree(tmp_path, manifest):
    selection = select(tmp_path, ["12", "=a,b", "00012"])
    rows, (_, labels, ids) = (
        labelled_rows(manifest, selection),
        labelled_features(pool_of(manifest), selection),
    )
    assert list(rows["sample_id"]) == ids and rows["label"].tolist() == labels.tolist()


def test_chosen_image_without_label_is_named_with_the_remedy(tmp_path, manifest):
    selection = select(tmp_path, ["12", "none", "no\nlabel"])
    with pytest.raises(ValueError) as caught:
        labelled_rows(manifest, selection)
    assert f"{selection}: 2 of 3 chosen images have no label, none for one" in str(caught.value)
    remedy = "label them (docs/own_images.md), or put them into train/<class>/, and run again"
    assert remedy in str(caught.value)
    with pytest.raises(ValueError) as caught:
        labelled_features(pool_of(manifest), selection)
    assert str(caught.value) == f"{selection}: none has no label; {remedy}"


def test_image_outside_the_pool_is_refused(tmp_path, manifest):
    selection = select(tmp_path, ["12", "test/1"])
    with pytest.raises(ValueError, match="names test/1, which is not in the pool; select again"):
        labelled_rows(manifest, selection)
    with pytest.raises(ValueError, match="names test/1, which the pool's features do not hold; select again"):
        labelled_features(pool_of(manifest), selection)


def test_unknown_image_is_refused(tmp_path, manifest):
    selection = select(tmp_path, ["12", "012"])
    with pytest.raises(ValueError, match="names 012, which is not in the manifest"):
        labelled_rows(manifest, selection)
    with pytest.raises(ValueError, match="names 012, which the pool's features do not hold"):
        labelled_features(pool_of(manifest), selection)


@pytest.mark.parametrize("labels", [[], [0, -1, 2], [-1]])
def test_test_split_that_cannot_be_scored_is_refused(labels):
    with pytest.raises(ValueError, match=r"test.h5: the test split is empty or unlabelled"):
        check_test(np.array(labels, np.int64), "test.h5")


def test_labelled_test_split_passes():
    check_test(np.array([0, 1]), "test.h5")


def labelled(folder: Path, labels: dict[str, str]) -> dict[str, int] | None:
    """The labels through their file, with the classes of the manifest."""
    write_labels(folder / "labels.csv", labels)
    return read_class_labels([folder / "labels.csv"], ["a", "b", "c"])


def test_labelled_labels_are_those_of_rows_and_features(tmp_path, manifest):
    selection = select(tmp_path, ["none", "12", "no\nlabel"])
    labels = labelled(tmp_path, {"no\nlabel": "b", "none": "c", "12": "b"})
    rows = labelled_rows(manifest, selection, labels)
    assert list(rows["sample_id"]) == ["none", "12", "no\nlabel"] and list(rows["label"]) == [2, 1, 1]
    assert rows["label"].dtype == manifest["label"].dtype
    features, numbers, ids = labelled_features(pool_of(manifest), selection, labels)
    assert ids == list(rows["sample_id"]) and numbers.tolist() == [2, 1, 1] and len(features) == 3


def test_chosen_images_without_a_labelled_label_are_left_out(tmp_path, manifest):
    selection = select(tmp_path, ["none", "12", "00012"])
    labels = labelled(tmp_path, {"12": "a", "=a,b": "b"})
    assert list(labelled_rows(manifest, selection, labels)["sample_id"]) == ["12"]
    assert labelled_features(pool_of(manifest), selection, labels)[2] == ["12"]


def test_labelled_labels_of_other_images_alone_are_said(tmp_path, manifest):
    selection, labels = select(tmp_path, ["none"]), labelled(tmp_path, {"12": "a"})
    with pytest.raises(ValueError, match="none of the 1 images"):
        labelled_rows(manifest, selection, labels)
    with pytest.raises(ValueError, match="none of the 1 images"):
        labelled_features(pool_of(manifest), selection, labels)


def test_a_labelled_label_buys_no_test_image(tmp_path, manifest):
    with pytest.raises(ValueError, match="not in the pool"):
        labelled_rows(manifest, select(tmp_path, ["test/1"]), labelled(tmp_path, {"test/1": "a"}))


def test_labels_of_the_pool_are_the_labelled_ones_or_its_own(tmp_path, manifest):
    pool = pool_of(manifest)
    assert pool_labels(pool, None) is pool.labels
    known = dict(zip(pool.sample_ids, pool_labels(pool, labelled(tmp_path, {"none": "c"})), strict=True))
    assert known == {name: 2 if name == "none" else -1 for name in LABELS}


def test_a_labelled_class_that_the_dataset_has_not_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"class 'd', and the dataset a, b, c; import the labels again"):
        labelled(tmp_path, {"12": "d"})


def test_without_a_file_nothing_is_labelled():
    assert read_class_labels([], ["a"]) is None
