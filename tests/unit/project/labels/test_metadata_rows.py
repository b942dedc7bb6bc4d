"""Hugging Face's metadata.jsonl, .csv and .parquet as labels."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fact.project.labels.read_votes import read_votes


def written(path: Path, columns: dict, features: dict | None = None) -> Path:
    table = pa.table(columns)
    if features:
        table = table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    pq.write_table(table, path)
    return path


def votes(path: Path) -> list[tuple[str, tuple[str, ...]]]:
    return [(vote.sample_id, vote.choices) for vote in read_votes(path)]


def test_numbers_of_a_class_label_are_its_names(tmp_path: Path) -> None:
    features = {"label": {"names": ["cat", "dog"], "_type": "ClassLabel"}}
    columns = {"file_name": ["a", "b", "c", "d"], "label": [1, 0, -1, None], "width": [1, 2, 3, 4]}
    path = written(tmp_path / "metadata.parquet", columns, features)
    assert votes(path) == [("a", ("dog",)), ("b", ("cat",)), ("c", ()), ("d", ())]
    assert read_votes(path)[1].origin == "metadata.parquet, row 2"
    with pytest.raises(ValueError, match="label 7 is no position in 2 classes"):
        votes(written(tmp_path / "x.parquet", {"file_name": ["a"], "label": [7]}, features))


def test_texts_and_plain_numbers_are_classes(tmp_path: Path) -> None:
    path = written(tmp_path / "metadata.parquet", {"path": ["a", "b"], "class": ["Mo\u0308we", ""]})
    assert votes(path) == [("a", ("M\u00f6we",)), ("b", ())]
    assert votes(written(tmp_path / "n.parquet", {"path": ["a"], "category": [3.0]})) == [("a", ("3",))]
    (tmp_path / "metadata.jsonl").write_text(
        '{"file_name": "a", "label": 3}\n{"file_name": "b", "label": -1}\n'
    )
    assert votes(tmp_path / "metadata.jsonl") == [("a", ("3",)), ("b", ())]


def test_names_stay_as_they_are(tmp_path: Path) -> None:
    names = ["'=x.jpg", "two\nlines.jpg", "a\u2028b.jpg", "n\u0085l.jpg"]
    lines = [json.dumps({"file_name": name, "label": "cat"}, ensure_ascii=False) for name in names]
    (tmp_path / "metadata.jsonl").write_text("\n".join(lines), "utf-8")
    assert [name for name, _ in votes(tmp_path / "metadata.jsonl")] == names
    (tmp_path / "metadata.csv").write_text("file_name,label\n'=x.jpg,cat\n")
    assert votes(tmp_path / "metadata.csv") == [("'=x.jpg", ("cat",))]


@pytest.mark.parametrize(
    "columns", [{"file_name": ["a"]}, {"label": ["a"]}, {"image": ["a"], "species": ["b"]}]
)
def test_other_tables_are_named_with_their_columns(tmp_path: Path, columns: dict) -> None:
    with pytest.raises(ValueError, match="a table of labels has file_name and label"):
        votes(written(tmp_path / "metadata.parquet", columns))


def test_what_is_no_parquet_is_named(tmp_path: Path) -> None:
    (tmp_path / "metadata.parquet").write_bytes(b"x" * 50)
    with pytest.raises(ValueError, match=r"metadata\.parquet cannot be read"):
        votes(tmp_path / "metadata.parquet")
    with pytest.raises(FileNotFoundError):
        votes(tmp_path / "none.parquet")
