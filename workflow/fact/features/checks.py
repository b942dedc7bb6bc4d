"""Check a features file before its numbers are read or published.

A features file may come from another machine, an interrupted copy or a stranger. HDF5 can make a dataset
point into another file (external link, external storage, virtual dataset), run code from a filter plugin,
or claim a size that the file does not hold; each of these is refused from the metadata alone.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np

from fact.features.format import PRECISION, REMEDY, content_sha256, read_attributes, read_digest
from fact.infra.errors import ArtifactError
from fact.infra.fields import Settings

DIMENSIONS = {"features": 2, "label": 1, "sample_id": 1, "tokens": 4}
FLOATS = (np.dtype("<f2"), np.dtype("<f4"))


@contextmanager
def open_features(path: Path | str) -> Iterator[tuple[h5py.File, Settings]]:
    """Yield a features file, open and checked for all but its bulk, and its root attributes.

    Raises FileNotFoundError; every error of HDF5 becomes an ArtifactError that names the file and the remedy.

    No lock is taken: a published file is never written again, and network file systems without a lock
    server would refuse to open it (the variable ``HDF5_USE_FILE_LOCKING`` still overrides).
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such features file; the rule extract_features writes it")
    forget_plugins()
    try:
        with h5py.File(path, "r", locking=False) as file:
            attributes = read_attributes(file, path)
            _check_structure(file, path)
            _check_content(file, attributes, path)
            yield file, attributes
    except PermissionError:
        raise
    except (OSError, KeyError, RuntimeError, TypeError, UnicodeDecodeError) as error:
        raise ArtifactError(f"{path}: damaged, or not a features file ({error}); {REMEDY}") from error


def check_same_precision(first: Settings, second: Settings) -> None:
    """Raise ArtifactError where two features files' attributes name different arithmetic.

    Vectors of bf16 and of fp32 differ by up to a tenth (MobileNetV2), and what is fitted on one kind fails
    on the other.
    """
    named = [attributes.get(PRECISION) for attributes in (first, second)]
    if all(named) and named[0] != named[1]:
        raise ArtifactError(
            f"features of {first['dataset']}'s {first['split']} were computed in {named[0]}, those of its "
            f"{second['split']} in {named[1]}; delete one of the files and run again"
        )


def checked_ids(sample_ids: Sequence[str]) -> list[str]:
    """Return the sample ids as a list. Raises ValueError unless they are unique, non-empty UTF-8 texts."""
    ids = list(sample_ids)
    if not ids:
        raise ValueError("no sample ids; a features file needs at least one sample")
    for name in ids:
        if not isinstance(name, str) or not name or "\0" in name or not _encodes(name):
            raise ValueError(f"sample id {name!r} cannot be stored; use a non-empty UTF-8 text without NUL")
    if len(set(ids)) != len(ids):
        twice, times = Counter(ids).most_common(1)[0]
        raise ValueError(f"sample id {twice!r} occurs {times} times; sample ids must be unique")
    return ids


def checked_labels(labels: np.ndarray, count: int) -> np.ndarray:
    """Return the labels as int64 (count,).

    Raises ValueError for another shape or dtype, and for labels below -1.
    """
    labels = np.asarray(labels)
    if labels.shape != (count,) or labels.dtype.kind not in "iu":
        found = f"shape {labels.shape}, dtype {labels.dtype}"
        raise ValueError(f"labels have {found}; expected integers of shape ({count},), -1 where unknown")
    if labels.min() < -1:
        raise ValueError(f"label {labels.min()} is below -1; use -1 where unknown")
    return labels.astype("<i8")


def refuse_non_finite(values: np.ndarray, sample_ids: Sequence[str], problem: str) -> None:
    """Raise ArtifactError naming the samples, one for each row of ``values``, that hold NaN or infinity."""
    bad = _float16_overflows(values) if values.dtype == np.float16 else ~np.isfinite(values)
    if bad.any():
        names = [sample_ids[row] for row in np.unique(np.nonzero(bad)[0])]
        shown = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
        raise ArtifactError(f"{problem}; {len(names)} sample(s): {shown}")


def _float16_overflows(values: np.ndarray) -> np.ndarray:
    """Return where all exponent bits are set: NaN and infinity, three times faster than np.isfinite."""
    return (values.view(np.uint16) & 0x7C00) == 0x7C00


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def forget_plugins() -> None:
    """Leave HDF5 no folder to load filter plugins from: no features file needs one."""
    while h5py.h5pl.size():
        h5py.h5pl.remove(0)


def _check_structure(file: h5py.File, path: Path) -> None:
    names = sorted(file)
    if sorted({*names, "tokens"}) != sorted(DIMENSIONS):
        raise ArtifactError(f"{path}: holds {names}, expected {list(DIMENSIONS)} (tokens optional); {REMEDY}")
    for name in names:
        if problem := _problem(file, name):
            raise ArtifactError(f"{path}: /{name} {problem}, which the format does not allow; {REMEDY}")
    rows = {len(file[name]) for name in names}
    if len(rows) != 1:
        raise ArtifactError(f"{path}: datasets of {sorted(rows)} rows, expected the same number; {REMEDY}")
    claimed, held = sum(file[name].id.get_storage_size() for name in names), path.stat().st_size
    if claimed > held:
        raise ArtifactError(f"{path}: claims {claimed} bytes of data but holds {held}; {REMEDY}")


def _check_content(file: h5py.File, attributes: Settings, path: Path) -> None:
    """Check that the hashes of the datasets' content are those that the file names."""
    if attributes["content_sha256"] != content_sha256({name: read_digest(file[name]) for name in file}):
        raise ArtifactError(f"{path}: content hash mismatch, changed or damaged; {REMEDY}")


def storage_problem(file: h5py.File, name: str) -> str | None:
    """Return what is wrong with how a dataset lies in its file, without reading it; None when nothing is."""
    link = file.get(name, getlink=True)
    if not isinstance(link, h5py.HardLink):
        return f"is a link to another place ({type(link).__name__})"
    if file.get(name, getclass=True) is not h5py.Dataset:
        return "is not a dataset"
    dataset = file[name]
    created = dataset.id.get_create_plist()
    if dataset.is_virtual:
        return "is a virtual dataset"
    if dataset.external:
        return "keeps its bytes in another file"
    if created.get_layout() != h5py.h5d.CONTIGUOUS or created.get_nfilters():
        return "is not contiguous and uncompressed"
    return None


def _problem(file: h5py.File, name: str) -> str | None:
    if problem := storage_problem(file, name):
        return problem
    dataset = file[name]
    if dataset.ndim != DIMENSIONS[name] or not dataset.size or not _dtype_fits(dataset, name):
        return f"has shape {dataset.shape} and dtype {dataset.dtype}"
    if dataset.id.get_storage_size() != dataset.nbytes:
        return "was never written"
    return None


def _dtype_fits(dataset: h5py.Dataset, name: str) -> bool:
    if name == "sample_id":
        return h5py.check_string_dtype(dataset.dtype) == ("utf-8", dataset.dtype.itemsize)
    return dataset.dtype == np.dtype("<i8") if name == "label" else dataset.dtype in FLOATS
