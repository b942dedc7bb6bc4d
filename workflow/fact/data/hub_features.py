"""Which columns of a Hugging Face dataset hold the images and the labels, and what the labels mean.

The features stand in the schema's metadata, key ``huggingface``, as JSON (huggingface.co/docs/datasets,
"Dataset features"): ``{"info": {"features": {"label": {"names": ["cat", "dog"], "_type": "ClassLabel"}}}}``.
Files of other programs have none; there the types of the columns tell.
"""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from fact.infra.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

KEY = b"huggingface"
LABEL = "label"


class Columns(NamedTuple):
    """The column of images, that of labels if any, and the names of the classes where they are declared."""

    image: str
    label: str | None
    names: tuple[str, ...] | None


def read_columns(schema: "pa.Schema", image: str | None, label: str | None, origin: str) -> Columns:
    """Return the columns; those that are not named (None) are found where there is one choice alone.

    Raises DataError, beginning with ``origin``, for a column that is not there, or where several are meant.
    """
    features = _features(schema)
    label = _label_column(schema, features, label, origin)
    return Columns(_image_column(schema, features, image, origin), label, _names(features.get(label or "")))


def label_column(
    schema: "pa.Schema", label: str | None, origin: str
) -> tuple[str | None, Sequence[str] | None]:
    """Return the column of labels alone, and the names of the classes, each None where there is none."""
    features = _features(schema)
    label = _label_column(schema, features, label, origin)
    return label, _names(features.get(label or ""))


def _features(schema: "pa.Schema") -> dict:
    """Return the declared features by column; none where the metadata is of another kind."""
    try:
        return dict(json.loads((schema.metadata or {})[KEY])["info"]["features"])
    except (KeyError, TypeError, ValueError):
        return {}


def _image_column(schema: "pa.Schema", features: dict, name: str | None, origin: str) -> str:
    if name is not None:
        return _existing(schema, name, "image_column", origin)
    declared = [column for column in schema.names if _kind(features.get(column)) == "Image"]
    found = declared or [field.name for field in schema if _holds_bytes(field.type)]
    if len(found) != 1:
        what = f"the columns of images {', '.join(found)}" if found else "no column of images"
        raise DataError(
            f"{origin} has {what} (all: {', '.join(schema.names)}); name one in options.image_column"
        )
    return found[0]


def _label_column(schema: "pa.Schema", features: dict, name: str | None, origin: str) -> str | None:
    if name is not None:
        return _existing(schema, name, "label_column", origin)
    declared = [column for column in schema.names if _kind(features.get(column)) == "ClassLabel"]
    if len(declared) > 1:
        raise DataError(f"{origin} has labels in {' and '.join(declared)}; name one in options.label_column")
    if declared:
        return declared[0]
    return LABEL if LABEL in schema.names else None


def _existing(schema: "pa.Schema", name: str, option: str, origin: str) -> str:
    if name not in schema.names:
        raise DataError(
            f"{origin} has no column {name!r}, only {', '.join(schema.names)}; mend options.{option}"
        )
    return name


def _holds_bytes(kind: "pa.DataType") -> bool:
    import pyarrow as pa

    if pa.types.is_struct(kind):
        place = kind.get_field_index("bytes")
        return place >= 0 and _holds_bytes(kind.field(place).type)
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _kind(feature: object) -> str | None:
    return feature.get("_type") if isinstance(feature, dict) else None


def _names(feature: object) -> tuple[str, ...] | None:
    """Return the names of a declared class label; numbers where it has a number of classes alone."""
    if not isinstance(feature, dict) or _kind(feature) != "ClassLabel":
        return None
    if feature.get("names"):
        return tuple(map(str, feature["names"]))
    count = feature.get("num_classes")
    return tuple(map(str, range(count))) if isinstance(count, int) else None
