from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from fact.data.image_reader import ImageReader, read_reading, split_rows
from fact.data.images import resize_image
from fact.infra.errors import ConfigError


def test_batches_can_be_cut_otherwise_than_what_is_read(tmp_path, write_image):
    from PIL import Image

    write_image(tmp_path / "a.png", seed=1, size=(40, 30))
    rows = pd.DataFrame({"locator": ["a.png"], "sha256": [None]})
    reading = read_reading({"source": "image_folder", "transform": "squash", "options": {}})
    spec = SimpleNamespace(image_size=14, interpolation="bicubic")
    reader = ImageReader({"root": str(tmp_path)}, reading, spec, workers=1)
    pixels = np.asarray(Image.open(tmp_path / "a.png").convert("RGB"))
    (inner,) = reader.batches(rows, 1, "test", "inner_crop")
    (same,) = reader.batches(rows, 1, "test")
    assert np.array_equal(inner[0], resize_image(pixels, 14, "bicubic", "inner_crop"))
    assert np.array_equal(same, reader.read(rows)) and not np.array_equal(same, inner)


def test_a_split_has_its_rows_in_order_and_one_without_images_is_named():
    manifest = pd.DataFrame({"sample_id": ["a", "b", "c"], "split": ["pool", "test", "pool"]})
    assert list(split_rows(manifest, "pool")["sample_id"]) == ["a", "c"]
    with pytest.raises(ValueError, match="no test images, which scores need; give some"):
        split_rows(manifest[manifest["split"] == "pool"], "test")


def test_a_reading_without_its_source_is_named():
    with pytest.raises(ConfigError, match="reading: the key 'source' is missing"):
        read_reading({"transform": "squash", "options": {}})
