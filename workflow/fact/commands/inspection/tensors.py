"""What a file of tensors holds: a checkpoint, a head, a model."""

from collections.abc import Iterator
from pathlib import Path

from fact.commands.inspection.entry import Entry, stored


def tensors_entries(path: Path) -> Iterator[Entry]:
    """Yield the header, and name, shape and dtype of each tensor. Raises ArtifactError for a damaged file."""
    from fact.infra.files.tensors import read_tensors

    tensors, header = read_tensors(path)
    yield Entry("content hash", "ok")
    yield from stored(header)
    values = sum(tensor.numel() for tensor in tensors.values())
    found = {"tensors": len(tensors), "values": values}
    yield Entry("tensors", found, f"{len(tensors)} tensors, {values} values")
    for name, tensor in sorted(tensors.items()):
        dtype = str(tensor.dtype).removeprefix("torch.")
        yield Entry(
            f"/{name}",
            {"shape": list(tensor.shape), "dtype": dtype},
            f"/{name}: {tuple(tensor.shape)} {dtype}",
        )
