"""The examples of docs/api.md run as they stand, one after the other."""

import re
from pathlib import Path

import fact
import numpy as np
import pytest
from delivered import delivered, digits_weights
from fact.data.sources import digits
from feature_files import ATTRIBUTES, write_features
from PIL import Image

ROOT = Path(__file__).parents[2]
EXAMPLES = re.findall(
    r"^```python\n(.*?)^```", (ROOT / "docs/api.md").read_text("utf-8"), re.DOTALL | re.MULTILINE
)


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with features of digits (their pixels), a model and an image."""
    rows = digits.index(None).rows
    rows = rows[rows["split"] == "pool"].iloc[:200]
    pixels = np.stack([digits.read_image(None, locator)[..., 0].ravel() for locator in rows["locator"]])
    write_features(
        tmp_path / "results/features/digits/vit_letters/pool.h5",
        features=pixels.astype(np.float32) / 255 + 0.01,
        tokens=None,
        sample_ids=list(rows["sample_id"]),
        attributes=ATTRIBUTES,
        labels=rows["label"].to_numpy(np.int64),
    )
    delivered(tmp_path / "results/models/digits/vit_letters", digits_weights(tmp_path / "weights"))
    Image.fromarray(digits.read_image(None, rows["locator"].iloc[0])).save(tmp_path / "image.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_example_runs(results: Path, capsys: pytest.CaptureFixture) -> None:
    namespace: dict = {}
    for example in EXAMPLES:
        exec(example, namespace)
    printed = capsys.readouterr().out
    assert len(EXAMPLES) == 6 and "(200, 64) float32" in printed and "set()" in printed
    assert (namespace["head"].predict(namespace["pool"].features) == namespace["pool"].labels).mean() > 0.6
    assert len(namespace["picks"].indices) == 50


def test_the_page_names_all_that_is_public() -> None:
    page = (ROOT / "docs/api.md").read_text("utf-8")
    assert all(name in page for name in fact.__all__)
    assert set(fact.__all__) <= set(dir(fact))
    with pytest.raises(AttributeError, match="no attribute 'choose'; it has "):
        _ = fact.choose
