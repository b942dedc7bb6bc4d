"""Feature files: round trip, equal bytes, and every damaged or hostile file refused."""

import json
import subprocess
import sys
import time
import warnings
from pathlib import Path

import h5py
import numpy as np
import pytest
from fact.features import store
from fact.features.format import content_sha256, new_digest, write_texts
from fact.features.store import FeatureSet, open_batches, read_features, verify_features
from fact.features.writer import FeatureWriter
from fact.infra.errors import ArtifactError
from feature_files import ATTRIBUTES, COUNT, DIM, arrays, write


def append_in_batches(path: Path, sizes: list[int], content: dict, **options: object) -> Path:
    samples = {name: content[name] for name in ("sample_ids", "labels", "attributes")}
    with FeatureWriter(path, **samples, **options) as writer:
        for stop, size in zip(np.cumsum(sizes), sizes, strict=True):
            rows = slice(stop - size, stop)
            writer.append(content["features"][rows], content["tokens"][rows])
    return path


def reseal(path: Path) -> None:
    """Make the stored hashes fit what the file holds now, as a stranger would."""
    with h5py.File(path, "r+") as file:
        digests = {}
        for name, dataset in file.items():
            digest = new_digest(name, dataset.shape, dataset.dtype)
            digest.update(dataset[()])
            digests[name] = digest.hexdigest()
            write_texts(dataset, {"sha256": digests[name]})
        write_texts(file, {"content_sha256": content_sha256(digests)})


def replace(path: Path, name: str, **dataset: object) -> None:
    """Put another dataset, or another object, in the place of one."""
    with h5py.File(path, "r+") as file:
        attributes = dict(file[name].attrs)
        del file[name]
        file.create_dataset(name, **dataset).attrs.update(attributes)


def equal(left: FeatureSet, right: FeatureSet) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(left[:4], right[:4], strict=True))


def test_round_trip_keeps_every_value(tmp_path: Path) -> None:
    content = arrays()
    read = read_features(write(tmp_path / "new" / "pool.h5"))
    assert np.array_equal(read.features, content["features"].astype(np.float16).astype(np.float32))
    assert np.array_equal(read.tokens, content["tokens"])
    assert (read.features.dtype, read.tokens.dtype, read.labels.dtype) == (np.float32, np.float16, np.int64)
    assert read.sample_ids == content["sample_ids"]
    assert np.array_equal(read.labels, content["labels"])
    assert read.attributes["transform"] == '{"crop": "none", "size": 32}'
    assert json.loads(read.attributes["provenance"]) == ATTRIBUTES["provenance"]
    assert (read.attributes["format"], read.attributes["version"]) == ("fact-features", 1)


def test_float32_keeps_features_exactly_and_tokens_are_optional(tmp_path: Path) -> None:
    read = read_features(write(tmp_path / "pool.h5", tokens=None, dtype="float32"))
    assert read.tokens is None
    assert np.array_equal(read.features, arrays()["features"])


def test_the_same_content_gives_the_same_bytes_however_it_is_batched(tmp_path: Path) -> None:
    once = write(tmp_path / "a.h5").read_bytes()
    time.sleep(1.1)  # HDF5 can store times, in seconds
    attributes = dict(reversed(ATTRIBUTES.items())) | {"transform": {"crop": "none", "size": 32}}
    assert write(tmp_path / "b.h5", attributes=attributes).read_bytes() == once
    for number, sizes in enumerate(([COUNT], [1] * COUNT, [7, 0, 16], [22, 1])):
        assert append_in_batches(tmp_path / f"{number}.h5", sizes, arrays()).read_bytes() == once


def test_datasets_are_contiguous_and_uncompressed(tmp_path: Path) -> None:
    with h5py.File(write(tmp_path / "pool.h5")) as file:
        for dataset in file.values():
            assert dataset.chunks is None and dataset.compression is None


def test_content_hash_ignores_attributes_and_follows_the_data(tmp_path: Path) -> None:
    def hash_of(**changes: object) -> str:
        return read_features(write(tmp_path / "pool.h5", **changes)).attributes["content_sha256"]

    content, base = arrays(), hash_of()
    assert hash_of(attributes=ATTRIBUTES | {"code_version": "another"}) == base
    assert hash_of(features=content["features"] + 1) != base
    assert hash_of(labels=np.zeros(COUNT, int)) != base
    assert hash_of(sample_ids=content["sample_ids"][::-1]) != base
    assert hash_of(tokens=content["tokens"].reshape(COUNT, 3, 2, DIM)) != base
    assert hash_of(tokens=None) != base
    assert hash_of(dtype="float32") != base


def test_tokens_false_leaves_tokens_unread(tmp_path: Path) -> None:
    path = write(tmp_path / "pool.h5")
    with h5py.File(path, "r+") as file:
        file["tokens"][3] = 1
    assert read_features(path, tokens=False).tokens is None
    for check in (read_features, verify_features):
        with pytest.raises(ValueError, match="/tokens: content hash mismatch"):
            check(path)


def test_verify_false_skips_the_hash_but_not_finiteness(tmp_path: Path) -> None:
    path = write(tmp_path / "pool.h5")
    with h5py.File(path, "r+") as file:
        file["features"][3, 0] = 1
        file["label"][0] = 4
    assert read_features(path, verify=False).features[3, 0] == 1
    with h5py.File(path, "r+") as file:
        file["features"][3, 0] = np.inf
    with pytest.raises(ValueError, match=r"/features holds NaN or infinity.*003\.png"):
        read_features(path, verify=False)


def test_blocks_smaller_than_the_file_read_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "pool.h5")
    whole = read_features(path)
    monkeypatch.setattr("fact.features.store.BLOCK_BYTES", 100)
    assert equal(read_features(path), whole)


def test_expected_attributes(tmp_path: Path) -> None:
    path = write(tmp_path / "pool.h5")
    read_features(path, expect={"backbone": "vit_digits", "transform": {"crop": "none", "size": 32}})
    with pytest.raises(ValueError, match=r"backbone is 'vit_digits', expected 'vit_small'.*extract_features"):
        read_features(path, expect={"backbone": "vit_small"})
    with pytest.raises(ValueError, match="bakbone is None"):
        read_features(path, expect={"bakbone": "vit_digits"})


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["features", "tokens"])
def test_non_finite_values_name_their_samples_and_publish_nothing(
    tmp_path: Path, name: str, bad: float
) -> None:
    values = arrays()[name].copy()
    values[[4, 9], ..., 0] = bad
    with pytest.raises(ValueError, match=rf"NaN or infinity in /{name}.* 2 sample.*004\.png.*009\.png"):
        write(tmp_path / "pool.h5", **{name: values})
    assert list(tmp_path.iterdir()) == []


def test_float16_overflow_names_samples_and_remedy(tmp_path: Path) -> None:
    features = arrays()["features"].copy()
    features[5, 2] = 70_000
    with (
        warnings.catch_warnings(action="error"),
        pytest.raises(ValueError, match=r'beyond 65504.*dtype "float32".*005\.png'),
    ):
        write(tmp_path / "pool.h5", features=features)
    path = write(tmp_path / "pool.h5", features=features, dtype="float32")
    assert read_features(path).features[5, 2] == 70_000


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sample_ids": ["a"] * COUNT}, f"'a' occurs {COUNT} times"),
        ({"sample_ids": []}, "at least one sample"),
        ({"sample_ids": ["a\0b", *map(str, range(COUNT - 1))]}, "cannot be stored"),
        ({"sample_ids": ["\udcff", *map(str, range(COUNT - 1))]}, "cannot be stored"),
        ({"sample_ids": list(map(str, range(COUNT + 1)))}, "labels have shape"),
        ({"labels": np.zeros(COUNT)}, "dtype float64"),
        ({"labels": np.full(COUNT, -2)}, "label -2 is below -1"),
        ({"attributes": {}}, "attributes missing or unknown: backbone"),
        ({"attributes": ATTRIBUTES | {"time": "now"}}, "unknown: time"),
        ({"attributes": ATTRIBUTES | {"provenance": "not json"}}, "Expecting value"),
        ({"features": np.zeros((COUNT, 2, 2), np.float32)}, r"samples of shapes .*expected features \(D,\)"),
        ({"features": np.zeros((COUNT, 0), np.float32)}, "has shape"),
        ({"features": np.zeros((COUNT + 1, 2), np.float32)}, "a batch of"),
        ({"tokens": np.zeros((COUNT, 3, 2), np.float16)}, "samples of shapes"),
        ({"dtype": "int32"}, "use float16 or float32"),
    ],
)
def test_wrong_content_is_refused_and_nothing_is_published(
    tmp_path: Path, changes: dict, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        write(tmp_path / "pool.h5", **changes)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("sizes", [[], [COUNT - 1], [COUNT, 1]])
def test_only_the_exact_number_of_rows_is_published(tmp_path: Path, sizes: list[int]) -> None:
    content = arrays()
    content |= {name: np.concatenate([content[name]] * 2) for name in ("features", "tokens")}
    with pytest.raises(ValueError, match=r"sample ids are left|rows came for"):
        append_in_batches(tmp_path / "pool.h5", sizes, content)
    assert list(tmp_path.iterdir()) == []


def test_every_batch_has_the_shapes_of_the_first(tmp_path: Path) -> None:
    content = arrays()
    samples = {name: content[name] for name in ("sample_ids", "labels", "attributes")}
    later = [(content["features"][:5], None), (content["features"][:5, :4], content["tokens"][:5])]
    for batch in later:
        with (
            pytest.raises(ValueError, match="the same in every batch"),
            FeatureWriter(tmp_path / "pool.h5", **samples) as writer,
        ):
            writer.append(content["features"][:5], content["tokens"][:5])
            writer.append(*batch)


def test_an_error_in_the_block_keeps_the_file_that_was_there(tmp_path: Path) -> None:
    path = write(tmp_path / "pool.h5")
    before, content = path.read_bytes(), arrays()
    samples = {name: content[name] for name in ("sample_ids", "labels", "attributes")}
    with pytest.raises(KeyboardInterrupt), FeatureWriter(path, **samples) as writer:
        writer.append(content["features"][:5], content["tokens"][:5])
        raise KeyboardInterrupt
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("limit", [1_000, 150_000, 300_000])
def test_a_full_disk_names_the_file_and_keeps_the_folder_clean(tmp_path: Path, limit: int) -> None:
    """The size limit of a process stands in for the disk: while structure, labels or features are written."""
    code = """if True:
        import resource, sys
        import numpy as np
        from feature_files import ATTRIBUTES, write_features
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), -1))
        ids = [str(row) for row in range(5000)]
        arrays = {"features": np.zeros((5000, 64), np.float32), "labels": np.zeros(5000, int)}
        try:
            write_features(sys.argv[1], sample_ids=ids, attributes=ATTRIBUTES, **arrays)
        except OSError as error:
            print(error)
    """
    target = tmp_path / "results" / "pool.h5"
    command = [sys.executable, "-c", code, str(target), str(limit)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[1], check=True)
    assert f"{target}: cannot be written; check free space and quota" in done.stdout
    assert list(target.parent.iterdir()) == []


def test_too_little_room_is_noticed_before_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 1000}))
    with pytest.raises(OSError, match=r"features need .* GB, .* GB are free"):
        write(tmp_path / "pool.h5")


def test_missing_file_names_the_rule(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="extract_features"):
        read_features(tmp_path / "pool.h5")


def test_truncated_or_foreign_files_are_refused(tmp_path: Path) -> None:
    whole = write(tmp_path / "pool.h5").read_bytes()
    path = tmp_path / "cut.h5"
    for length in (0, 1, 100, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match="damaged, or not a features file"):
            read_features(path)
    with h5py.File(path, "w") as file:
        file["x"] = 1
    with pytest.raises(ValueError, match="root attributes missing"):
        read_features(path)


def test_a_flipped_bit_in_any_dataset_is_refused(tmp_path: Path) -> None:
    whole = write(tmp_path / "pool.h5").read_bytes()
    content = arrays()
    stored = {
        "features": content["features"].astype(np.float16).tobytes(),
        "tokens": content["tokens"].tobytes(),
        "label": content["labels"].tobytes(),
        "sample_id": content["sample_ids"][7].encode(),
    }
    path = tmp_path / "flipped.h5"
    for name, bytes_ in stored.items():
        start = whole.index(bytes_)
        for offset in (0, len(bytes_) // 2, len(bytes_) - 1):
            damaged = bytearray(whole)
            damaged[start + offset] ^= 1
            path.write_bytes(damaged)
            with pytest.raises(ValueError, match=f"/{name}: content hash mismatch"):
                read_features(path)


def test_a_flipped_bit_anywhere_is_refused_or_harmless(tmp_path: Path) -> None:
    """In HDF5's own structures, the attributes and the gaps between them, too."""
    path = write(tmp_path / "pool.h5")
    whole, good = path.read_bytes(), read_features(path)
    refused = 0
    for position in range(0, len(whole), 61):
        damaged = bytearray(whole)
        damaged[position] ^= 1 << position % 8
        path.write_bytes(damaged)
        try:
            read = read_features(path)
        except ValueError:
            refused += 1
        else:
            assert equal(read, good) and read.attributes == good.attributes, position
    assert refused > len(whole) / 61 / 2


def test_a_dataset_resealed_alone_does_not_fit_the_file(tmp_path: Path) -> None:
    path = write(tmp_path / "pool.h5")
    with h5py.File(path, "r+") as file:
        write_texts(file["tokens"], {"sha256": "0" * 64})
    with pytest.raises(ValueError, match=r"pool\.h5: content hash mismatch"):
        read_features(path, tokens=False)


def test_another_version_is_refused_with_both_named(tmp_path: Path) -> None:
    path = write(tmp_path / "pool.h5")
    with h5py.File(path, "r+") as file:
        file.attrs["version"] = 2
    with pytest.raises(ValueError, match=r"'2'.*expected \('fact-features', 1\)"):
        read_features(path)


def test_links_that_leave_their_place_are_refused(tmp_path: Path) -> None:
    other = write(tmp_path / "other.h5")
    links = {
        "ExternalLink": h5py.ExternalLink(str(other), "/features"),
        "SoftLink": h5py.SoftLink("/tokens"),
    }
    for kind, link in links.items():
        path = write(tmp_path / "pool.h5")
        with h5py.File(path, "r+") as file:
            del file["features"]
            file["features"] = link
        with pytest.raises(ValueError, match=rf"/features is a link to another place \({kind}\)"):
            read_features(path)


def test_datasets_that_live_elsewhere_are_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(bytes(COUNT * DIM * 2))
    path = write(tmp_path / "pool.h5")
    external = [(str(secret), 0, COUNT * DIM * 2)]
    replace(path, "features", shape=(COUNT, DIM), dtype="<f2", external=external)
    with pytest.raises(ValueError, match="keeps its bytes in another file"):
        read_features(path)

    path, other = write(tmp_path / "pool.h5"), write(tmp_path / "other.h5")
    layout = h5py.VirtualLayout((COUNT, DIM), "<f2")
    layout[:] = h5py.VirtualSource(str(other), "features", (COUNT, DIM))
    with h5py.File(path, "r+") as file:
        del file["features"]
        file.create_virtual_dataset("features", layout)
    with pytest.raises(ValueError, match="is a virtual dataset"):
        read_features(path)


@pytest.mark.parametrize(
    ("name", "dataset", "message"),
    [
        ("features", {"data": np.zeros((COUNT, DIM), "<f2"), "chunks": (1, DIM)}, "not contiguous"),
        ("features", {"data": np.zeros((COUNT, DIM), "<f2"), "compression": "gzip"}, "not contiguous"),
        ("features", {"shape": (10**7, 10**5), "dtype": "<f2"}, "was never written"),
        ("features", {"data": np.zeros((COUNT, DIM), "<f8")}, "dtype float64"),
        ("features", {"data": np.zeros((COUNT, DIM), ">f2")}, "dtype >f2"),
        ("features", {"data": np.zeros(COUNT, "<f2")}, r"shape \(23,\)"),
        ("features", {"data": np.zeros((COUNT + 1, DIM), "<f2")}, r"datasets of \[23, 24\] rows"),
        ("tokens", {"data": np.zeros((COUNT, DIM), "<f2")}, r"shape \(23, 8\)"),
        ("label", {"data": np.zeros(COUNT, "<i4")}, "dtype int32"),
        ("sample_id", {"data": np.zeros(COUNT, "S5")}, "dtype |S5"),
    ],
)
def test_datasets_outside_the_format_are_refused(
    tmp_path: Path, name: str, dataset: dict, message: str
) -> None:
    path = write(tmp_path / "pool.h5")
    replace(path, name, **dataset)
    with pytest.raises(ValueError, match=message):
        read_features(path)


def test_objects_that_do_not_belong_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "pool.h5")
    with h5py.File(path, "r+") as file:
        file["notes"] = 1
    with pytest.raises(ValueError, match=r"holds .*'notes'"):
        read_features(path)
    path = write(tmp_path / "pool.h5")
    with h5py.File(path, "r+") as file:
        del file["tokens"]
        file.create_group("tokens")
    with pytest.raises(ValueError, match="/tokens is not a dataset"):
        read_features(path)


def test_a_resealed_file_is_still_checked_for_finiteness(tmp_path: Path) -> None:
    path = write(tmp_path / "pool.h5")
    with h5py.File(path, "r+") as file:
        file["tokens"][11, 0, 0, 0] = np.nan
    reseal(path)
    with pytest.raises(ValueError, match=r"/tokens holds NaN or infinity.*011\.png"):
        read_features(path)


def test_reading_leaves_no_folder_of_plugins(tmp_path: Path) -> None:
    path = write(tmp_path / "pool.h5")
    h5py.h5pl.append(str(tmp_path).encode())
    read_features(path)
    assert h5py.h5pl.size() == 0


def test_batches_are_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = arrays()
    path = write(tmp_path / "test.h5", **content)
    whole = read_features(path)
    monkeypatch.setattr(store, "BLOCK_BYTES", whole.tokens[:3].nbytes)
    with open_batches(path, expect={"split": whole.attributes["split"]}) as file:
        batches = list(file.batches())
        assert (file.sample_ids, file.labels.tolist()) == (whole.sample_ids, whole.labels.tolist())
    assert len(batches) > 1
    assert np.array_equal(np.concatenate([pooled for pooled, _ in batches]), whole.features)
    assert np.array_equal(np.concatenate([tokens for _, tokens in batches]), whole.tokens)


def test_batches_of_a_damaged_file_end_with_an_error(tmp_path: Path) -> None:
    path = write(tmp_path / "test.h5", **arrays())
    with h5py.File(path, "r+") as file:
        file["tokens"][0, 0, 0, 0] += 1
    with pytest.raises(ArtifactError, match="content hash mismatch"), open_batches(path) as file:
        list(file.batches())


def test_batches_need_tokens(tmp_path: Path) -> None:
    path = write(tmp_path / "test.h5", **{**arrays(), "tokens": None})
    with pytest.raises(ArtifactError, match=r"test\.h5: holds no tokens"), open_batches(path) as file:
        list(file.batches())
