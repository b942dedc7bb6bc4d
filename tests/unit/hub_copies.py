"""Miniature datasets of the Hugging Face Hub, in each form that copies of them have."""

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

CLASSES = ["zebra", "cat", "dog"]
IMAGE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
FEATURES = {"image": {"_type": "Image"}, "label": {"names": CLASSES, "_type": "ClassLabel"}}


def png(seed: int, size: tuple[int, int] = (12, 8)) -> bytes:
    """A small image of seeded noise."""
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def hub_table(
    images: Sequence[bytes | None], labels: Sequence[object] | None, features: Mapping | None = FEATURES
) -> pa.Table:
    """Images without names of their own, their labels, and the features in the schema's metadata."""
    column = [None if image is None else {"bytes": image, "path": None} for image in images]
    columns = {"image": pa.array(column, IMAGE)}
    if labels is not None:
        columns["label"] = pa.array(labels)
    table = pa.table(columns)
    if features is None:
        return table
    return table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})


def write_parquet(path: Path, table: pa.Table, rows: int = 3) -> Path:
    """A shard of row groups of ``rows`` rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, row_group_size=rows)
    return path


def write_saved(folder: Path, name: str, table: pa.Table) -> None:
    """One split as ``save_to_disk`` writes it: two Arrow streams and the records beside them."""
    folder.mkdir(parents=True)
    half, files = len(table) // 2, ["data-00000-of-00002.arrow", "data-00001-of-00002.arrow"]
    for file, part in zip(files, (table[:half], table[half:]), strict=True):
        with pa.OSFile(str(folder / file), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(part, max_chunksize=2)
    state = {"_data_files": [{"filename": file} for file in files], "_split": name, "_fingerprint": "f"}
    (folder / "state.json").write_text(json.dumps(state))
    (folder / "dataset_info.json").write_text(json.dumps({"features": FEATURES}))
