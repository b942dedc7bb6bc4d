"""What a features file holds."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from fact.commands.inspection.entry import Entry, size_text, spread
from fact.infra.errors import ConfigError

MANY_CLASSES = 40
# what a dataset holds in a file of a kind
MEANINGS = {
    ("maps", "features"): ": maps of crops, their levels one after the other",
    ("maps", "tokens"): ": masks of crops",
    ("patterns", "tokens"): ": semantic patterns of images",
}


def features_entries(path: Path, classes: Sequence[str] | None) -> Iterator[Entry]:
    """Yield arrays, attributes, norms and labels; the file is read to its last byte.

    ``classes`` name the labels. Raises ArtifactError for a damaged file, and ConfigError for too few names.
    """
    from fact.features.checks import open_features
    from fact.features.store import read_features, verify_features

    verify_features(path)
    with open_features(path) as (file, attributes):
        for name, dataset in file.items():
            dtype = "text" if name == "sample_id" else str(dataset.dtype)
            meaning = MEANINGS.get((attributes.get("kind", ""), name), "")
            count = dataset.id.get_storage_size()
            text = f"/{name}: {dataset.shape} {dtype}, {size_text(count)}{meaning}"
            yield Entry(f"/{name}", {"shape": list(dataset.shape), "dtype": dtype, "bytes": count}, text)
    content = read_features(path, verify=False, tokens=False)
    yield Entry("content hash", "ok", f"content hash: ok ({attributes['content_sha256']})")
    yield from (Entry(name, attributes[name]) for name in attributes if name != "content_sha256")
    yield from _norms(content.features)
    yield from _histogram(content.labels, classes)


def _norms(features: np.ndarray) -> Iterator[Entry]:
    """Yield Euclidean norms of the rows, and what a selector would stumble over."""
    norms = np.linalg.norm(features, axis=1)
    yield spread("norms", norms)
    yield Entry("zero rows", int(np.sum(norms == 0)))
    constant = int(np.sum(np.ptp(features, axis=0) == 0))
    yield Entry("constant columns", constant, f"constant columns: {constant} of {features.shape[1]}")


def _histogram(labels: np.ndarray, names: Sequence[str] | None) -> Iterator[Entry]:
    known = labels[labels >= 0]
    counts = Counter(known.tolist())
    text = f"{len(known)} known, {len(labels) - len(known)} unknown, {len(counts)} classes"
    yield Entry("labels", text)
    if names and known.size and known.max() >= len(names):
        raise ConfigError(
            f"label {known.max()} has no name: classes.json has {len(names)}; give this dataset's"
        )
    by_class = {str(names[label] if names else label): count for label, count in sorted(counts.items())}
    lines = "\n".join(f"  {name}: {count}" for name, count in by_class.items())
    if len(counts) > MANY_CLASSES:
        sizes = sorted(counts.values())
        lines = f"samples per class: min {sizes[0]}, median {sizes[len(sizes) // 2]}, max {sizes[-1]}"
    yield Entry("classes", by_class, lines)
