import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from fact.backbones.interface import Backbone
from fact.backbones.spec import BackboneSpec
from fact.features.checks import check_same_precision
from fact.features.dump import Extractor, describe_transform, dump_features, read_extraction
from fact.features.store import FeatureSet, read_features
from fact.infra.errors import ArtifactError, ConfigError
from torch import Tensor, nn

SPEC = BackboneSpec(
    architecture="tiny", model_args={}, image_size=4, interpolation="bicubic",
    mean=(0.5, 0.4, 0.3), std=(0.2, 0.3, 0.4), source="none", weights_sha256="f" * 64,
)  # fmt: skip
SETTINGS = {
    "source": "digits",
    "transform": "squash",
    "options": {},
    "precision": "fp32",
    "store_dtype": "float32",
    "batch_size": 3,
    "compile": False,
}
ATTRIBUTES = {"dataset": "digits", "split": "pool", "backbone": "tiny", "code_version": "ab12"}
IMAGES = np.random.default_rng(0).integers(0, 256, (7, 4, 4, 3), dtype=np.uint8)


class Tiny(nn.Module):
    """A net as timm has them: a feature map of 2 × 2 and its mean; dropout tells training mode."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 5, 2, stride=2)
        self.dropout = nn.Dropout(0.9)
        with torch.no_grad():
            for number, values in enumerate(self.parameters()):
                values.copy_(torch.linspace(-1, 1 + number, values.numel()).view_as(values))

    def forward_features(self, images: Tensor) -> Tensor:
        return self.dropout(self.conv(images))

    def forward_head(self, features: Tensor, pre_logits: bool = False) -> Tensor:
        return features.mean((2, 3))


def expected_tokens(images: np.ndarray) -> np.ndarray:
    """The feature map (N, 2, 2, 5) of Tiny, in float64 by hand."""
    model = Tiny()
    pixels = (images / 255 - np.array(SPEC.mean)) / np.array(SPEC.std)
    patches = pixels.reshape(len(images), 2, 2, 2, 2, 3)
    weight = model.conv.weight.detach().double().numpy()
    return np.einsum("nyixjc,kcij->nyxk", patches, weight) + model.conv.bias.detach().double().numpy()


def batches(images: np.ndarray, size: int = 3) -> Iterator[np.ndarray]:
    for start in range(0, len(images), size):
        yield images[start : start + size]


def manifest_rows(count: int = 7) -> pd.DataFrame:
    labels = pd.array([number if number % 2 else None for number in range(count)], dtype="Int64")
    return pd.DataFrame({"sample_id": [f"{number:05d}" for number in range(count)], "label": labels})


def dump(
    path: Path, *, images: np.ndarray = IMAGES, tokens: bool = False, attributes: dict = ATTRIBUTES, **changes
) -> FeatureSet:
    settings = read_extraction({**SETTINGS, **changes})
    extractor = Extractor(Backbone(Tiny()).train(), SPEC, settings, torch.device("cpu"), tokens)
    dump_features(path, extractor, batches(images), manifest_rows(), attributes)
    return read_features(path)


def test_rows_images_and_labels_stay_together(tmp_path):
    stored = dump(tmp_path / "new" / "pool.h5")
    assert stored.sample_ids == list(manifest_rows()["sample_id"])
    assert stored.labels.tolist() == [-1, 1, -1, 3, -1, 5, -1]
    np.testing.assert_allclose(stored.features, expected_tokens(IMAGES).mean((1, 2)), rtol=1e-5, atol=1e-5)
    assert stored.tokens is None


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-5), ("float16", 2e-3)])
def test_tokens_are_stored_where_asked_for(tmp_path, dtype, tolerance):
    stored = dump(tmp_path / "refined.h5", tokens=True, store_dtype=dtype)
    assert stored.tokens.shape == (7, 2, 2, 5) and stored.tokens.dtype == np.dtype(dtype)
    np.testing.assert_allclose(stored.tokens, expected_tokens(IMAGES), rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(
        stored.features, expected_tokens(IMAGES).mean((1, 2)), rtol=tolerance, atol=tolerance
    )


def test_file_says_what_it_was_made_of(tmp_path):
    about = dump(tmp_path / "pool.h5").attributes
    assert {key: about[key] for key in ATTRIBUTES} == ATTRIBUTES
    assert about["weights_sha256"] == SPEC.weights_sha256 and about["provenance"] == "{}"
    expected = '{"image_size": 4, "interpolation": "bicubic", "mean": [0.5, 0.4, 0.3], "shape": "squash", '
    assert about["transform"] == expected + '"std": [0.2, 0.3, 0.4]}'


def test_the_arithmetic_is_told_and_two_kinds_are_never_mixed(tmp_path):
    fp32, again, bf16 = (
        dump(tmp_path / f"{number}.h5", precision=precision).attributes
        for number, precision in enumerate(["fp32", "fp32", "bf16"])
    )
    assert (fp32["precision"], bf16["precision"]) == ("fp32", "bf16")
    check_same_precision(fp32, again)
    # files that do not say it, as other programs write them, are taken
    check_same_precision({key: value for key, value in fp32.items() if key != "precision"}, bf16)
    with pytest.raises(ArtifactError, match="were computed in fp32, those of its pool in bf16; delete one"):
        check_same_precision(fp32, bf16)


def test_refined_features_say_which_checkpoint(tmp_path):
    provenance = {"seed": "3", "checkpoint_sha256": "e" * 64}
    about = dump(tmp_path / "refined.h5", attributes={**ATTRIBUTES, "provenance": provenance}).attributes
    assert about["provenance"] == f'{{"checkpoint_sha256": "{"e" * 64}", "seed": "3"}}'


def test_same_images_same_bytes(tmp_path):
    first, second = tmp_path / "a.h5", tmp_path / "b.h5"
    dump(first, tokens=True)
    # files hold no time: wait until the clock's second is another one
    time.sleep(1 - time.time() % 1)
    dump(second, tokens=True)
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("images", [IMAGES[:6], np.concatenate([IMAGES, IMAGES])])
def test_nothing_is_published_unless_every_image_came_once(tmp_path, images):
    with pytest.raises(ValueError, match=r"pool.h5"):
        dump(tmp_path / "pool.h5", images=images)
    assert list(tmp_path.iterdir()) == []


def test_error_of_a_reader_leaves_the_earlier_file(tmp_path):
    dump(tmp_path / "pool.h5")
    before = (tmp_path / "pool.h5").read_bytes()

    def failing() -> Iterator[np.ndarray]:
        yield IMAGES[:3]
        raise OSError("image 00003 is damaged")

    with pytest.raises(OSError, match="00003 is damaged"):
        extractor = Extractor(Backbone(Tiny()), SPEC, read_extraction(SETTINGS), torch.device("cpu"))
        dump_features(tmp_path / "pool.h5", extractor, failing(), manifest_rows(), ATTRIBUTES)
    assert [file.name for file in tmp_path.iterdir()] == ["pool.h5"]
    assert (tmp_path / "pool.h5").read_bytes() == before


def test_transform_is_described_by_what_changes_pixels():
    assert describe_transform(SPEC, "squash") == {
        "shape": "squash",
        "image_size": 4,
        "interpolation": "bicubic",
        "mean": [0.5, 0.4, 0.3],
        "std": [0.2, 0.3, 0.4],
    }


@pytest.mark.parametrize("missing", ["transform", "precision", "store_dtype"])
def test_a_missing_setting_is_named(missing):
    settings = {key: value for key, value in SETTINGS.items() if key != missing}
    with pytest.raises(ConfigError, match=f"the key '{missing}' is missing"):
        read_extraction(settings)


def test_a_kind_is_told_and_an_unknown_one_refused(tmp_path):
    assert (
        dump(tmp_path / "a.h5", attributes={**ATTRIBUTES, "kind": "patterns"}).attributes["kind"]
        == "patterns"
    )
    assert "kind" not in dump(tmp_path / "b.h5").attributes
    with pytest.raises(ValueError, match="attributes missing or unknown: kind"):
        dump(tmp_path / "c.h5", attributes={**ATTRIBUTES, "kind": "songs"})
