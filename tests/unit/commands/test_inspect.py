"""Descriptions of the workflow's files."""

import json
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import torch
from fact.commands.inspect import class_names, describe
from fact.data.classes import write_classes
from fact.infra.files.parquet import publish_parquet
from fact.infra.files.record import publish_record
from fact.infra.files.tensors import publish_tensors
from fact.infra.process.made_by import publish_made_by
from fact.infra.process.timing import timing_record
from feature_files import ATTRIBUTES, COUNT, DIM, arrays, write


def write_selection(path: Path, sample_ids: list[str]) -> Path:
    lines = [f"{rank},{name},images/{name},{rank / 10}" for rank, name in enumerate(sample_ids, start=1)]
    path.write_text("\n".join(["rank,sample_id,path,score", *lines]) + "\n", encoding="utf-8")
    return path


def test_features_are_described_in_full(tmp_path: Path) -> None:
    features = arrays()["features"].copy()
    features[3] = 0
    features[:, 2] = 1
    path = write(tmp_path / "pool.h5", features=features, labels=np.arange(COUNT) % 3 - 1, dtype="float32")
    lines = describe(path).splitlines()
    norms = np.linalg.norm(features, axis=1)
    assert lines[0] == str(path)
    assert f"/features: ({COUNT}, {DIM}) float32, 0.7 KiB" in lines
    assert f"/tokens: ({COUNT}, 2, 3, {DIM}) float32, 4.3 KiB" in lines
    assert f"/sample_id: ({COUNT},) text, 0.5 KiB" in lines
    assert any(line.startswith("content hash: ok (") for line in lines)
    assert "backbone: vit_digits" in lines
    assert 'provenance: {"b": [1, 2], "checkpoint": null}' in lines
    assert f"norms: min {norms.min():.4g}, mean {norms.mean():.4g}, max {norms.max():.4g}" in lines
    assert f"constant columns: 1 of {DIM}" in lines
    assert "labels: 15 known, 8 unknown, 2 classes" in lines
    assert "  0: 8" in lines and "  1: 7" in lines


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("maps", ": maps of crops, their levels one after the other"),
        ("maps", ": masks of crops"),
        ("patterns", ": semantic patterns of images"),
    ],
)
def test_maps_and_patterns_are_called_so(tmp_path: Path, kind: str, line: str) -> None:
    path = write(tmp_path / "file.h5", attributes={**ATTRIBUTES, "kind": kind})
    lines = describe(path).splitlines()
    assert f"kind: {kind}" in lines and any(text.endswith(line) for text in lines)
    assert not any(text.endswith(line) for text in describe(write(tmp_path / "plain.h5")).splitlines())


def test_zero_rows_are_counted(tmp_path: Path) -> None:
    features = arrays()["features"].copy()
    features[[3, 5]] = 0
    assert "zero rows: 2" in describe(write(tmp_path / "pool.h5", features=features)).splitlines()


def test_classes_are_named_or_summarised(tmp_path: Path) -> None:
    path = write(tmp_path / "pool.h5", labels=np.arange(COUNT) % 2)
    classes = tmp_path / "classes.json"
    write_classes(classes, ["cat", "dog"])
    assert {"  cat: 12", "  dog: 11"} <= set(describe(path, classes).splitlines())
    write_classes(classes, ["cat"])
    with pytest.raises(ValueError, match=r"label 1 has no name: .*classes\.json has 1"):
        describe(path, classes)
    many = write(tmp_path / "many.h5", labels=np.arange(COUNT) * 2)
    assert "  44: 1" in describe(many)


def test_many_classes_are_summarised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fact.commands.inspection.features.MANY_CLASSES", 2)
    path = write(tmp_path / "pool.h5", labels=np.array([0] * 20 + [1, 2, 2]))
    assert "samples per class: min 1, median 2, max 20" in describe(path).splitlines()


def test_damaged_tokens_are_found(tmp_path: Path) -> None:
    path = write(tmp_path / "pool.h5")
    with h5py.File(path, "r+") as file:
        file["tokens"][0] = 1
    with pytest.raises(ValueError, match="/tokens: content hash mismatch"):
        describe(path)


def test_a_name_cannot_steer_the_terminal(tmp_path: Path) -> None:
    attributes = arrays()["attributes"] | {"dataset": "evil\x1b[2J\r"}
    text = describe(write(tmp_path / "pool.h5", attributes=attributes))
    assert "dataset: evil\\x1b[2J\\r" in text.splitlines()


def test_selection(tmp_path: Path) -> None:
    path = write_selection(tmp_path / "seed0.csv", [f"{row}.png" for row in range(7)])
    lines = describe(path).splitlines()
    assert lines[1:4] == ["selection of 7 images", "scores: min 0.1, mean 0.4, max 0.7", "first 5 rows:"]
    assert len(lines) == 10 and lines[5].split() == ["1", "0.png", "images/0.png", "0.1"]
    path.write_text(path.read_text() + "8,0.png,images/0.png,1\n")
    with pytest.raises(ValueError, match=r"0\.png twice"):
        describe(path)


def test_any_other_table_of_text(tmp_path: Path) -> None:
    path = tmp_path / "files.csv"
    path.write_text("path,status\na.png,used\nb.png,used\nc.txt,\n")
    lines = describe(path).splitlines()
    assert lines[1:5] == ["3 rows, 2 columns", "/path: 3 filled", "/status: 2 filled", "status: used 2"]
    path.write_text('a\n"')
    with pytest.raises(ValueError, match="cannot be read as CSV"):
        describe(path)


def test_score(tmp_path: Path) -> None:
    path = tmp_path / "score.json"
    publish_record(path, {"top1_last": 0.5, "history": list(range(100)), "method": "FACT"})
    lines = describe(path).splitlines()
    assert lines[1] == "content hash: ok" and lines[2].startswith("history: 100 values, [0, 1, 2,")
    assert lines[3:] == ['method: "FACT"', "top1_last: 0.5"]
    path.write_text(path.read_text().replace("0.5", "0.6"))
    with pytest.raises(ValueError, match="was damaged or edited"):
        describe(path)
    path.write_text("[1]")
    assert describe(path).splitlines()[1:] == ["content: [1]"]
    path.write_text("[1")
    with pytest.raises(ValueError, match="is no record"):
        describe(path)


def test_parquet(tmp_path: Path) -> None:
    path = tmp_path / "manifest.parquet"
    rows = {"sample_id": ["a", "b", "c"], "split": ["pool", "pool", "test"], "label": [0.0, None, 1.0]}
    publish_parquet(path, pa.Table.from_pandas(pd.DataFrame(rows), preserve_index=False))
    lines = describe(path).splitlines()
    assert lines[1:3] == ["content hash: ok", "3 rows, 3 columns"]
    assert "/label: float64, 1 missing" in lines and "split: pool 2, test 1" in lines


def test_tensors(tmp_path: Path) -> None:
    path = tmp_path / "head.safetensors"
    publish_tensors(path, {"weight": torch.ones(2, 3), "bias": torch.zeros(2)}, {"C": 10.0})
    lines = describe(path).splitlines()[1:]
    tensors = ["2 tensors, 8 values", "/bias: (2,) float32", "/weight: (2, 3) float32"]
    assert lines == ["content hash: ok", "C: 10.0", *tensors]


def test_what_cannot_be_described(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no such file"):
        describe(tmp_path / "absent.h5")
    (tmp_path / "model.pt").write_bytes(b"x" * 2048)
    assert describe(tmp_path / "model.pt").splitlines()[1:] == ["2.0 KiB"]


def results_of_a_cell(folder: Path) -> Path:
    """A selection, the probe and a score on it, and the names of the classes."""
    cell = "birds/vit/activeft/20img"
    selection = folder / f"results/selections/{cell}/seed0.csv"
    selection.parent.mkdir(parents=True)
    write_selection(selection, ["a.png"])
    for name in ("probe/soft/head.safetensors", "lp-ft/checkpoint.safetensors"):
        path = folder / f"results/runs/{cell}/seed0/{name}"
        path.parent.mkdir(parents=True)
        publish_tensors(path, {"weight": torch.ones(1)}, {})
    classes = folder / "results/datasets/birds/classes.json"
    classes.parent.mkdir(parents=True)
    write_classes(classes, ["wren", "owl"])
    return selection


def test_a_file_says_what_it_is_what_made_it_and_what_depends_on_it(tmp_path: Path) -> None:
    lines = describe(results_of_a_cell(tmp_path)).splitlines()
    names = "dataset birds, backbone vit, selector activeft, budget 20img, seed 0"
    assert lines[1:3] == [f"what: a selection: images to label ({names})", "made by rule: select_samples"]
    assert lines[3].startswith("read by rules: train_probe, tune_backbone")
    made = lines.index("made from it or its like: 2 files that are there")
    assert [line.rpartition("/")[2] for line in lines[made + 1 : made + 3]] == [
        "head.safetensors",
        "checkpoint.safetensors",
    ]


def test_the_classes_of_a_dataset_name_the_labels_of_its_features(tmp_path: Path) -> None:
    results_of_a_cell(tmp_path)
    path = tmp_path / "results/features/birds/vit/pool.h5"
    path.parent.mkdir(parents=True)
    write(path, labels=np.arange(COUNT) % 2)
    assert {"  wren: 12", "  owl: 11"} <= set(describe(path).splitlines())
    assert class_names(path) == ["wren", "owl"] and class_names(tmp_path / "pool.h5") is None


def test_a_folder_is_counted_by_what_it_holds(tmp_path: Path) -> None:
    results_of_a_cell(tmp_path)
    (tmp_path / "fact.yaml").touch()
    lines = describe(tmp_path).splitlines()
    assert lines[1].startswith("what: a project: fact run ") and lines[2].startswith("5 files, ")
    assert {"  1 × a selection: images to label", "  1 × other files"} <= set(lines)


@pytest.mark.parametrize("name", ["pool.h5", "seed0.csv", "score.json", "head.safetensors", "scores.parquet"])
def test_json_has_the_same_for_programs(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / name)
    content = json.loads(describe(path, json=True))
    assert content["path"] == str(path)
    assert {line.partition(":")[0] for line in describe(path).splitlines() if line.startswith("/")} - {
        str(path)
    } <= set(content)


def written(path: Path) -> Path:
    """A small file of the results, of the kind that its name says."""
    kinds = {
        ".h5": write,
        ".csv": lambda place: write_selection(place, ["a.png"]),
        ".json": lambda place: publish_record(place, {"value": 1}),
        ".safetensors": lambda place: publish_tensors(place, {"weight": torch.ones(1)}, {}),
        ".parquet": lambda place: publish_parquet(place, pa.table({"sample_id": ["a"]})),
    }
    kinds[path.suffix](path)
    return path


@pytest.mark.parametrize(
    ("name", "beside"),
    [
        ("pool.h5", "pool.made_by.json"),
        ("patterns/freesel.h5", "patterns/freesel.made_by.json"),
        ("refined_labelled.h5", "refined.timing.json"),
        ("refined_test.h5", "refined.timing.json"),
        ("refined_pool.h5", "refined_pool.timing.json"),
        ("maps_labelled.h5", "maps.timing.json"),
        ("seed0.csv", "seed0.timing.json"),
        ("seed0.json", "seed0.timing.json"),
        ("score.json", "timing.json"),
        ("head.safetensors", "timing.json"),
        ("checkpoint.safetensors", "timing.json"),
        ("lp-ft-0.safetensors", "lp-ft-0.timing.json"),
        ("surest.parquet", "surest.timing.json"),
        ("model.safetensors", "made_by.json"),
        ("config.json", "made_by.json"),
    ],
)
def test_every_artifact_tells_what_made_it(tmp_path: Path, name: str, beside: str) -> None:
    path, record = tmp_path / name, tmp_path / beside
    path.parent.mkdir(exist_ok=True)
    alone = describe(written(path)).splitlines()
    assert not any(line.startswith(("made by: ", "command: ")) for line in alone)
    if beside.endswith("timing.json"):
        publish_record(record, timing_record({"train": 1.0}))
    else:
        publish_made_by(record)
    lines = describe(path).splitlines()
    assert lines[: len(alone)] == alone
    made, device, command = lines[len(alone) :]
    assert f"torch {torch.__version__.partition('+')[0]}" in made and "python 3." in made
    assert device.startswith("device: ") and command.startswith("command: ")
    assert describe(record).splitlines()[-3:] == [made, device, command]


def test_a_file_of_another_job_has_no_record_of_this_one(tmp_path: Path) -> None:
    publish_record(tmp_path / "timing.json", timing_record({}))
    publish_record(tmp_path / "seed0.timing.json", timing_record({}))
    for name in ("distortion.json", "seed0.measures.json", "refined_pool.h5"):
        assert "made by" not in describe(written(tmp_path / name))


def test_a_table_of_scores_counts_versions(tmp_path: Path) -> None:
    path = tmp_path / "table1.parquet"
    publish_parquet(path, pa.table({"software.torch": ["2.12", "2.13", "2.13"], "device.tune": ["a"] * 3}))
    lines = describe(path).splitlines()
    assert "software.torch: 2.12 1, 2.13 2" in lines and "device.tune: a 3" in lines
