"""An image that is replaced between indexing and use is noticed."""

from pathlib import Path

import numpy as np
import pytest
from checkout import prepared, runner
from PIL import Image

OWN = """
run: {datasets: [own], seeds: [0], selectors: [random], methods: [LR-frozen]}
datasets:
  own: {source: image_folder, root: images, options: {}, backbones: [vit_digits], budgets: [4img],
    transform: squash, training: {}, recipes: {}}
"""
COMMAND = ("snakemake", "--cores", "1", "--configfile", "own.yaml")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    checkout, draw = prepared(tmp_path / "checkout", OWN, "own.yaml"), np.random.default_rng(0)
    for split in ("train", "test"):
        for name, level in (("dark", 60), ("light", 190)):
            folder = checkout / "images" / split / name
            folder.mkdir(parents=True)
            for number in range(4):
                pixels = np.clip(draw.normal(level, 20, (16, 16, 3)), 0, 255).astype(np.uint8)
                Image.fromarray(pixels).save(folder / f"{number}.png")
    return checkout


def test_an_image_replaced_after_indexing_is_named(own: Path) -> None:
    run = runner(own)
    run(*COMMAND, "--", "results/datasets/own/manifest.parquet")
    image = own / "images/train/dark/2.png"
    Image.fromarray(np.full((16, 16, 3), 255, np.uint8)).save(image)
    done = run(*COMMAND, succeeds=False)
    told = done.stdout + done.stderr
    assert "train/dark/2.png" in told and "changed after it had been indexed" in told
    assert "index the data set again" in told
    (own / "results/datasets/own/manifest.parquet").unlink()
    run(*COMMAND)
