"""Datasets of the Hugging Face Hub, in each form that people have them in a folder."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fact.data.contract import build_index
from fact.data.manifest import SourceIndex
from fact.data.sources import huggingface
from hub_copies import CLASSES, FEATURES, IMAGE, hub_table, png, write_parquet, write_saved

POOL_ONLY = {"splits": {"test": None}}


def reasons(index: SourceIndex) -> dict[str, str]:
    return dict(zip(index.problems["path"], index.problems["reason"], strict=True))


def labels(index: SourceIndex) -> dict[str, int]:
    return dict(zip(index.rows["sample_id"], index.rows["label"], strict=True))


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    """Two shards of seven images to choose from, one of three to test on, and one of another split."""
    images = [png(seed) for seed in range(10)]
    write_parquet(tmp_path / "data/train-00000-of-00002.parquet", hub_table(images[:4], [0, 1, 2, 0]))
    write_parquet(tmp_path / "data/train-00001-of-00002.parquet", hub_table(images[4:7], [1, 2, 0]))
    write_parquet(tmp_path / "data/test-00000-of-00001.parquet", hub_table(images[7:], [0, 1, 2]))
    write_parquet(tmp_path / "data/validation-00000-of-00001.parquet", hub_table(images[:2], [0, 1]))
    return tmp_path


def test_shards_of_the_hub(hub: Path) -> None:
    index = huggingface.index(hub, workers=2)
    assert index.classes == CLASSES and len(index.rows) == 10
    assert index.rows.groupby(["split", "label"]).size().to_list() == [3, 2, 2, 1, 1, 1]
    assert reasons(index) == {"data/validation-00000-of-00001.parquet": "not read: the split validation"}
    row = index.rows.set_index("sample_id").loc["data/train-00001-of-00002.parquet/image/00000002"]
    assert (row["split"], row["label"], row["width"], row["height"]) == ("pool", 0, 12, 8)
    for row in index.rows.itertuples():
        assert huggingface.read_image(hub, row.locator, row.sha256).shape == (8, 12, 3)


def test_rows_come_in_the_order_of_the_shard(tmp_path: Path) -> None:
    write_parquet(tmp_path / "train.parquet", hub_table([png(seed) for seed in range(12)], [0] * 12))
    rows = huggingface.index(tmp_path, **POOL_ONLY).rows
    assert rows["sample_id"].to_list() == [f"train.parquet/image/{row:08d}" for row in range(12)]


def test_an_image_that_was_replaced_is_refused(hub: Path) -> None:
    row = huggingface.index(hub).rows.iloc[0]
    path = hub / row.locator.split("/image/")[0]
    write_parquet(path, hub_table([png(seed) for seed in (90, 91, 92)], [0, 1, 2]))
    with pytest.raises(ValueError, match="changed after it had been indexed"):
        huggingface.read_image(hub, row.locator, row.sha256)


@pytest.mark.parametrize(
    "name",
    [
        "train-00000-of-00001.parquet",
        "train-00000-of-00001-0b1c2d3e4f5a6b7c.parquet",
        "data/train.parquet",
        "train/0000.parquet",
        "default/train/0000.parquet",
        "my-dataset-training.parquet",
        "mine-train-00000-of-00001.arrow",
        "photos.parquet",
    ],
)
def test_the_name_of_a_shard_tells_its_split(tmp_path: Path, name: str) -> None:
    table, path = hub_table([png(1)], [0]), tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".arrow":
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
    else:
        write_parquet(path, table)
    assert set(huggingface.index(tmp_path, **POOL_ONLY).rows["split"]) == {"pool"}


def test_other_splits_are_chosen_by_their_names(tmp_path: Path) -> None:
    write_parquet(tmp_path / "unlabeled-00000-of-00001.parquet", hub_table([png(1), png(2)], [-1, -1]))
    write_parquet(tmp_path / "val-00000-of-00001.parquet", hub_table([png(3)], [2]))
    index = huggingface.index(tmp_path, splits={"pool": "unlabeled", "test": "validation"})
    assert index.rows["split"].to_list() == ["pool", "pool", "test"]
    assert index.rows["label"].isna().to_list() == [True, True, False]


def test_a_split_that_is_not_there_is_named_with_those_that_are(hub: Path) -> None:
    (hub / "data/test-00000-of-00001.parquet").unlink()
    with pytest.raises(
        ValueError,
        match=r"no split 'test' for the test, only train, validation; set .*test to "
        r"validation, or to null",
    ):
        huggingface.index(hub)
    assert (huggingface.index(hub, splits={"test": "val"}).rows["split"] == "test").sum() == 2
    with pytest.raises(ValueError, match=r"no split 'extra' for the pool, .*options\.splits\.pool"):
        huggingface.index(hub, splits={"pool": "extra", "test": None})


def test_a_saved_dataset_is_read_without_datasets(tmp_path: Path) -> None:
    images = [png(seed) for seed in range(9)]
    write_saved(tmp_path / "train", "train", hub_table(images[:6], [0, 1, 2, 0, 1, 2]))
    write_saved(tmp_path / "test", "test", hub_table(images[6:], [0, 1, 2]))
    (tmp_path / "dataset_dict.json").write_text(json.dumps({"splits": ["train", "test"]}))
    index = huggingface.index(tmp_path)
    assert index.classes == CLASSES and index.problems.empty
    assert list(labels(index).values()) == [0, 1, 2, 0, 1, 2, 0, 1, 2]
    alone = huggingface.index(tmp_path / "train", **POOL_ONLY)
    assert len(alone.rows) == 6
    row = alone.rows.iloc[-1]
    assert row["locator"] == "data-00001-of-00002.arrow/image/00000002"
    assert huggingface.read_image(tmp_path / "train", row["locator"], row["sha256"]).shape == (8, 12, 3)


def test_arrow_files_of_other_programs_are_read(tmp_path: Path) -> None:
    table = hub_table([png(1), png(2)], [2, 0])
    with (
        pa.OSFile(str(tmp_path / "train.arrow"), "wb") as sink,
        pa.ipc.new_file(sink, table.schema) as writer,
    ):
        writer.write_table(table)
    index = huggingface.index(tmp_path, **POOL_ONLY)
    assert list(labels(index).values()) == [2, 0]
    assert huggingface.read_image(tmp_path, index.rows["locator"].iloc[1]).shape == (8, 12, 3)


def test_a_saved_dataset_with_a_list_of_indices_is_refused(tmp_path: Path) -> None:
    write_saved(tmp_path / "train", "train", hub_table([png(1), png(2)], [0, 1]))
    state = json.loads((tmp_path / "train/state.json").read_text())
    state["_indices_data_files"] = [{"filename": "indices.arrow"}]
    (tmp_path / "train/state.json").write_text(json.dumps(state))
    with pytest.raises(ValueError, match="flatten_indices"):
        huggingface.index(tmp_path / "train", **POOL_ONLY)
    (tmp_path / "train/state.json").write_text("{")
    with pytest.raises(ValueError, match="cannot be read as JSON"):
        huggingface.index(tmp_path / "train", **POOL_ONLY)


def test_bad_images_are_listed_and_passed_over(tmp_path: Path) -> None:
    images = [png(1), b"", None, b"no picture", png(2)[:60], png(3, (100, 90)), png(4)]
    table = hub_table(images, [0, 1, 2, 0, 1, 2, 0])
    path = pa.array([{"bytes": None, "path": "/cache/lost.jpg"}], IMAGE)
    lost = pa.table({"image": path, "label": [1]}).replace_schema_metadata(table.schema.metadata)
    write_parquet(tmp_path / "train.parquet", pa.concat_tables([table, lost]), rows=100)
    index = huggingface.index(tmp_path, max_pixels=8000, **POOL_ONLY)
    assert list(labels(index)) == [f"train.parquet/image/{row:08d}" for row in (0, 6)]
    found = {int(path[-1]): reason for path, reason in reasons(index).items()}
    assert set(index.problems["outcome"]) == {"unreadable"}
    assert found[1] == "file is empty (0 bytes)" and found[2] == "the row holds no image"
    assert found[3].startswith("not an image") and found[4].startswith("image file is truncated")
    assert found[5].startswith("100 × 90 = 9000 pixels exceed")
    assert "/cache/lost.jpg" in found[7] and "save the images with their bytes" in found[7]


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
def test_what_is_no_shard_is_named(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"train.{kind}"
    path.write_bytes(b"noise" * 100)
    with pytest.raises(ValueError, match=rf"train\.{kind} cannot be read .*fetch it again"):
        huggingface.index(tmp_path, **POOL_ONLY)
    path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n")
    with pytest.raises(ValueError, match="git lfs pull"):
        huggingface.index(tmp_path, **POOL_ONLY)


def test_a_damaged_page_costs_its_rows_alone(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "train.parquet", hub_table([png(seed) for seed in range(6)], [0] * 6))
    content, start = (
        bytearray(path.read_bytes()),
        pq.read_metadata(path).row_group(1).column(0).data_page_offset,
    )
    content[start : start + 40] = b"\xff" * 40
    path.write_bytes(bytes(content))
    one, four = (huggingface.index(tmp_path, workers=workers, **POOL_ONLY) for workers in (1, 4))
    assert [int(name[-1]) for name in labels(one)] == [0, 1, 2]
    assert [int(name[-1]) for name in reasons(one)] == [3, 4, 5]
    pd.testing.assert_frame_equal(one.problems, four.problems)


def test_shards_that_were_not_fetched_are_listed(tmp_path: Path) -> None:
    write_parquet(tmp_path / "train-00001-of-00003.parquet", hub_table([png(1)], [0]))
    index = huggingface.index(tmp_path, **POOL_ONLY)
    assert reasons(index) == {f"train-0000{n}-of-00003.parquet": "missing" for n in (0, 2)}


def test_test_images_without_a_label_do_not_measure(tmp_path: Path) -> None:
    write_parquet(tmp_path / "train.parquet", hub_table([png(1), png(2), png(3)], [0, -1, None]))
    write_parquet(tmp_path / "test.parquet", hub_table([png(4), png(5), png(6)], [0, -1, None]))
    index = huggingface.index(tmp_path)
    assert index.rows["label"].isna().to_list() == [False, False, True, True]
    assert list(reasons(index)) == [f"test.parquet/image/0000000{row}" for row in (1, 2)]
    write_parquet(tmp_path / "test.parquet", hub_table([png(4), png(5)], [-1, -1]))
    with pytest.raises(ValueError, match=r"no test image has a label .*options\.splits\.test"):
        huggingface.index(tmp_path)


@pytest.mark.parametrize(
    ("values", "classes", "positions"),
    [
        (["b", "a", " a", None, ""], ["a", "b"], [1, 0, 0, None, None]),
        (["Mo\u0308we", "M\u00f6we", "a"], ["M\u00f6we", "a"], [0, 0, 1]),
        ([10, 9, 2, -1], ["2", "9", "10"], [2, 1, 0, None]),
        ([1.0, 0.0, float("nan")], ["0", "1"], [1, 0, None]),
        ([True, False], ["False", "True"], [1, 0]),
    ],
)
def test_labels_without_declared_classes(
    tmp_path: Path, values: list, classes: list[str], positions: list[int | None]
) -> None:
    images = [png(seed) for seed in range(len(values))]
    write_parquet(tmp_path / "train.parquet", hub_table(images, values, features=None))
    index = huggingface.index(tmp_path, **POOL_ONLY)
    assert index.classes == classes
    assert [None if pd.isna(label) else label for label in index.rows["label"]] == positions


@pytest.mark.parametrize("values", [[[0], [1]], [0.5, 1.0], [7, 0]])
def test_what_is_no_label_is_refused(tmp_path: Path, values: list) -> None:
    features = FEATURES if isinstance(values[0], int) else None
    write_parquet(tmp_path / "train.parquet", hub_table([png(1), png(2)], values, features))
    with pytest.raises(ValueError, match=r"train\.parquet, row 0, column label: .*(no label|no position)"):
        huggingface.index(tmp_path, **POOL_ONLY)


def test_columns_are_named_where_several_are_meant(tmp_path: Path) -> None:
    features = {
        "img": {"_type": "Image"},
        "depth": {"_type": "Image"},
        "fine": {"names": ["a", "b"], "_type": "ClassLabel"},
        "coarse": {"num_classes": 2, "_type": "ClassLabel"},
    }
    images = pa.array([{"bytes": png(1), "path": "1.png"}], IMAGE)
    table = pa.table({"img": images, "depth": images, "fine": [1], "coarse": [0]})
    meta = {"huggingface": json.dumps({"info": {"features": features}})}
    write_parquet(tmp_path / "train.parquet", table.replace_schema_metadata(meta))
    with pytest.raises(ValueError, match=r"labels in fine and coarse; name one in options\.label_column"):
        huggingface.index(tmp_path, **POOL_ONLY)
    with pytest.raises(ValueError, match=r"images img, depth .* name one in options\.image_column"):
        huggingface.index(tmp_path, label_column="fine", **POOL_ONLY)
    with pytest.raises(ValueError, match="no column 'imgs', only img, depth"):
        huggingface.index(tmp_path, label_column="fine", image_column="imgs", **POOL_ONLY)
    index = huggingface.index(tmp_path, label_column="coarse", image_column="depth", **POOL_ONLY)
    assert index.classes == ["0", "1"] and labels(index) == {"train.parquet/depth/00000000": 0}


def test_plain_bytes_and_no_labels_are_an_unlabelled_pool(tmp_path: Path) -> None:
    table = pa.table({"id": [1, 2], "jpg": pa.array([png(1), png(2)], pa.large_binary())})
    write_parquet(tmp_path / "train.parquet", table)
    index = huggingface.index(tmp_path, **POOL_ONLY)
    assert index.classes == [] and index.rows["label"].isna().all() and len(index.rows) == 2


def test_two_datasets_below_one_root_are_not_mixed(tmp_path: Path) -> None:
    for name in ("small", "large"):
        write_parquet(tmp_path / name / "train-00000-of-00001.parquet", hub_table([png(1)], [0]))
    with pytest.raises(ValueError, match="several datasets, in large, small; set the root"):
        huggingface.index(tmp_path, **POOL_ONLY)
    other = {**FEATURES, "label": {"names": ["x"], "_type": "ClassLabel"}}
    write_parquet(tmp_path / "small/test.parquet", hub_table([png(2)], [0], other))
    with pytest.raises(ValueError, match="declare different classes"):
        huggingface.index(tmp_path / "small")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"splits": ["train"]}, "no mapping of pool and test"),
        ({"splits": {"train": "train"}}, "no mapping of pool and test"),
        ({"splits": {"pool": 1}}, "no name"),
        ({"splits": {"pool": None}}, "no name"),
        ({"splits": {"pool": "val", "test": "validation"}}, "both 'val'"),
        ({"image_column": 3}, "image_column: 3 is no name"),
        ({"label_column": True}, "label_column: True is no name"),
        ({"split": {}}, "no option 'split'"),
        ({"exif": "no"}, "not true or false"),
        ({"imbalance": 3, "pool_limit": 2}, "cannot be combined"),
    ],
)
def test_options_of_another_type_are_refused(hub: Path, options: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        build_index(huggingface, hub, options, workers=1)


def test_limits_and_long_tails_are_those_of_other_folders(hub: Path) -> None:
    rows = huggingface.index(hub, pool_limit=3, test_limit=1).rows
    assert rows["split"].value_counts().to_dict() == {"pool": 3, "test": 1}


def test_a_folder_of_another_kind_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"source: image_folder for class folders"):
        huggingface.index(tmp_path)


def test_rows_beyond_a_shard_are_refused(hub: Path) -> None:
    shard = "data/train-00000-of-00002.parquet"
    for name in (f"{shard}/image/00000004", f"{shard}/other/00000000", f"{shard}/image/x", f"{shard}/0"):
        with pytest.raises(ValueError, match=r"train-00000-of-00002\.parquet"):
            huggingface.read_image(hub, name)


def write_listed(root: Path, write_image, name: str, rows: list[dict]) -> None:
    """Images in folders and a list of them."""
    for number, row in enumerate(rows):
        if "gone" not in str(row["file_name"]):
            write_image((root / name).parent / row["file_name"], seed=number)
    path = root / name
    if name.endswith(".jsonl"):
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    elif name.endswith(".parquet"):
        pq.write_table(pa.Table.from_pylist(rows), path)
    else:
        pd.DataFrame(rows).to_csv(path, index=False)


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_images_with_a_list_beside_them(tmp_path: Path, write_image, suffix: str) -> None:
    rows = [{"file_name": f"{n}, \u2028x.png", "label": "cat" if n % 2 else "dog"} for n in range(4)]
    write_listed(
        tmp_path, write_image, f"train/metadata.{suffix}", [*rows, {"file_name": "gone.png", "label": "cat"}]
    )
    write_listed(tmp_path, write_image, f"test/metadata.{suffix}", rows[:2])
    write_image(tmp_path / "train/unlisted.png")
    index = huggingface.index(tmp_path)
    assert index.classes == ["cat", "dog"]
    assert (
        labels(index)["train/1, \u2028x.png"] == 0
        and index.rows["split"].to_list() == ["test"] * 2 + ["pool"] * 4
    )
    assert reasons(index) == {
        "train/gone.png": "file cannot be read: No such file or directory",
        "train/unlisted.png": "not listed in metadata.csv or its like",
    }


def test_one_list_at_the_root_tells_splits_by_folders(tmp_path: Path, write_image) -> None:
    rows = [
        {"file_name": "train/a.png", "kind": 10},
        {"file_name": "train/b.png", "kind": 9},
        {"file_name": "val/a.png", "kind": 9},
        {"file_name": "train/c.png", "kind": 9},
        {"file_name": "train/c.png", "kind": 10},
    ]
    write_listed(tmp_path, write_image, "metadata.csv", rows)
    index = huggingface.index(tmp_path, splits={"test": None}, label_column="kind")
    assert index.classes == ["9", "10"] and labels(index) == {"train/a.png": 1, "train/b.png": 0}
    assert reasons(index) == {
        "train/c.png": "listed with several labels: 10, 9",
        "val/a.png": "not read: of another split",
    }
    with pytest.raises(ValueError, match="no column 'kid', only file_name, kind"):
        huggingface.index(tmp_path, splits={"test": "val"}, label_column="kid")
    with pytest.raises(ValueError, match="no test image has a label"):
        huggingface.index(tmp_path, splits={"test": "val"})


@pytest.mark.parametrize("name", ["../x.png", "/etc/x.png", "a/../../x.png", ""])
def test_a_list_cannot_lead_out_of_its_folder(tmp_path: Path, write_image, name: str) -> None:
    (tmp_path / "metadata.jsonl").write_text(json.dumps({"file_name": name, "label": "a"}))
    with pytest.raises(ValueError, match="no path of an image below the list"):
        huggingface.index(tmp_path, **POOL_ONLY)


@pytest.mark.parametrize("text", ["[1]", "{", '"a"'])
def test_a_list_that_is_no_list_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "metadata.jsonl").write_text(text)
    with pytest.raises(ValueError, match="write it again"):
        huggingface.index(tmp_path, **POOL_ONLY)


def test_reading_to_and_fro_gives_the_same_pixels(tmp_path: Path) -> None:
    images = [png(seed, (40, 40)) for seed in range(300)]
    write_parquet(tmp_path / "train.parquet", hub_table(images, [0] * 300), rows=1000)
    rows = huggingface.index(tmp_path, workers=4, **POOL_ONLY).rows
    order = np.random.default_rng(0).permutation(len(rows))[:80]
    for row in rows.iloc[order].itertuples():
        assert huggingface.read_image(tmp_path, row.locator, row.sha256).shape == (40, 40, 3)
