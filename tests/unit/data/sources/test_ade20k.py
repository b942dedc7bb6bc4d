"""ADE20k in its published layout."""

from pathlib import Path

import numpy as np
import pytest
from fact.data.masks import IGNORE
from fact.data.sources import ade20k
from PIL import Image
from segmentation_data import write_ade20k


@pytest.mark.parametrize("place", ["", "ADEChallengeData2016", "ADEChallengeData2016/ADEChallengeData2016"])
def test_layout_names_and_numbers(tmp_path: Path, place: str) -> None:
    write_ade20k(tmp_path / place)
    index = ade20k.index(tmp_path)
    assert index.rows["split"].value_counts().to_dict() == {"pool": 6, "test": 2}
    assert index.problems["reason"].str.startswith("147 of 150 classes have no pixel").all()
    assert (len(index.classes), index.classes[0], index.classes[149]) == (150, "thing 1", "thing 150")
    mask = ade20k.read_mask(tmp_path, index.rows["locator"].iloc[0])
    assert mask.shape == (40, 48)
    assert (mask[:2] == IGNORE).all() and set(np.unique(mask[2:])) == {0, 1, 2}


def test_names_fall_back_to_numbers_and_shared_ones_are_told_apart(tmp_path: Path) -> None:
    write_ade20k(tmp_path)
    table = tmp_path / "objectInfo150.txt"
    table.write_text(table.read_text().replace("thing 80,", "thing 81,"))
    names = ade20k.index(tmp_path).classes
    assert names[79:81] == ["thing 81 (80)", "thing 81 (81)"]
    table.write_text("\n".join(table.read_text().splitlines()[:100]))
    with pytest.raises(ValueError, match="has no class 100"):
        ade20k.index(tmp_path)
    table.unlink()
    assert ade20k.index(tmp_path).classes[:2] == ["1", "2"]


def test_another_layout_and_a_bad_mask_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"holds no images/training/ .* ADEChallengeData2016\.zip"):
        ade20k.index(tmp_path)
    write_ade20k(tmp_path)
    Image.fromarray(np.full((40, 48), 151, np.uint8)).save(
        tmp_path / "annotations/training/ADE_train_00000001.png"
    )
    index = ade20k.index(tmp_path)
    assert index.problems["path"].tolist()[1:] == ["images/training/ADE_train_00000001.jpg"]
    assert "has 151 at 1920 pixels; classes are 1..150, ignored 0" in index.problems["reason"].iloc[1]


def test_published_counts() -> None:
    assert ade20k.expected_counts() == (150, 20_210, 2_000)
