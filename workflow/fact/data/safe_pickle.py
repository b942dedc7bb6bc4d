"""Read old pickles of plain containers and uint8 arrays without letting them call anything.

A pickle is a program: it may name any importable function and call it. Here every name but those that an
array of bytes needs is refused, and even these only name inert stand-ins of this module: nothing of numpy
is handed the file's values, because a forged array state can corrupt memory.
"""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import numpy as np

from fact.infra.errors import DataError


def load_plain_pickle(path: Path) -> object:
    """The object in ``path``: dicts, lists, numbers, Python 2 strings as bytes, uint8 arrays.

    Raises FileNotFoundError when it is missing, DataError when it names anything else or is damaged.
    """
    if not path.is_file():
        raise FileNotFoundError(
            f"{path} does not exist; the copy of the data set is incomplete, fetch it again"
        )
    with path.open("rb") as file:
        try:
            return _to_arrays(_PlainUnpickler(file, encoding="bytes").load())
        except Exception as error:  # a damaged pickle raises nearly any type
            raise DataError(
                f"{path} cannot be read as plain data: {error}; fetch it again from its source"
            ) from error


class _Uint8Type:
    """Stands for a numpy dtype, and is there for uint8 only."""

    def __init__(self, name: bytes | str, *_: object) -> None:
        if name not in (b"u1", "u1"):
            raise pickle.UnpicklingError(f"array of type {name!r} instead of uint8")

    def __setstate__(self, state: object) -> None:
        """Byte order and alignment mean nothing for single bytes."""


class _ByteArray:
    """Stands for a numpy array; its state is (version, shape, dtype, column-major?, raw bytes)."""

    def __init__(self, *_: object) -> None:
        self.values = np.empty(0, np.uint8)

    def __setstate__(self, state: tuple[int, tuple[int, ...], _Uint8Type, bool, bytes]) -> None:
        _, shape, dtype, column_major, raw = state
        if not isinstance(dtype, _Uint8Type) or not isinstance(raw, bytes):
            raise pickle.UnpicklingError("array state that is not plain bytes")
        self.values = np.frombuffer(raw, np.uint8).reshape(shape, order="F" if column_major else "C")


def _encode(text: str, encoding: str) -> bytes:
    """How Python 3 writes bytes in an old protocol."""
    return text.encode("latin1")


class _PlainUnpickler(pickle.Unpickler):
    ALLOWED: ClassVar[dict[tuple[str, str], Callable[..., object]]] = {
        ("numpy", "dtype"): _Uint8Type,
        ("numpy", "ndarray"): _ByteArray,
        ("numpy.core.multiarray", "_reconstruct"): _ByteArray,
        ("numpy._core.multiarray", "_reconstruct"): _ByteArray,
        ("_codecs", "encode"): _encode,
    }

    def find_class(self, module: str, name: str) -> object:
        if (module, name) not in self.ALLOWED:
            raise pickle.UnpicklingError(f"it names {module}.{name}, which plain data never needs")
        return self.ALLOWED[module, name]


def _to_arrays(value: object) -> object:
    """``value`` with each stand-in array replaced by its uint8 array (read-only)."""
    if isinstance(value, _ByteArray):
        return value.values
    if isinstance(value, dict):
        return {key: _to_arrays(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_to_arrays(item) for item in value]
    return value
