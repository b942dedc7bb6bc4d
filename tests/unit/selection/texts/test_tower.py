"""The CLIP text tower, on a small random model in the real format."""

from pathlib import Path

import numpy as np
import pytest
from clip_folder import WIDTH, write_clip_text
from fact.selection.texts.tower import TextTower

SENTENCES = ["a photo of a cat", "a photo of a dog", "a ship"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip_text(tmp_path_factory.mktemp("clip") / "text")


def test_sentences_become_vectors_whatever_stands_beside_them(folder: Path) -> None:
    tower = TextTower(f"local-dir:{folder}")
    together = tower.encode(SENTENCES)
    assert together.shape == (3, WIDTH) and together.dtype == np.float32
    for sentence, vector in zip(SENTENCES, together, strict=True):
        assert np.allclose(tower.encode([sentence])[0], vector, atol=1e-5)
    assert np.abs(together[0] - together[1]).max() > 1e-3


def test_long_sentences_are_cut(folder: Path) -> None:
    assert np.isfinite(TextTower(f"local-dir:{folder}").encode(["cat " * 200])).all()


def test_what_is_no_text_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="absent: no such folder"):
        TextTower(f"local-dir:{tmp_path}/absent")
    with pytest.raises(ValueError, match="cannot be read as a CLIP text model"):
        TextTower(f"local-dir:{tmp_path}")


def test_a_pickle_is_not_read(folder: Path, tmp_path: Path) -> None:
    import shutil

    other = shutil.copytree(folder, tmp_path / "pickled")
    (other / "model.safetensors").rename(other / "pytorch_model.bin")
    with pytest.raises(ValueError, match="cannot be read as a CLIP text model"):
        TextTower(f"local-dir:{other}")
