"""Two checkouts share weights and frozen features through Snakemake's between-workflow cache, safely."""

import hashlib
from pathlib import Path

import numpy as np
from checkout import prepared, runner
from PIL import Image

OWN = """
run: {datasets: [own], seeds: [0], selectors: [random], methods: [LR-frozen]}
datasets:
  own: {source: image_folder, root: images, options: {}, backbones: [vit_digits], budgets: [2img],
    transform: squash, training: {}, recipes: {}}
"""
POOL = "results/features/own/vit_digits/pool.h5"
MADE_BY = POOL.replace(".h5", ".made_by.json")
COMMAND = ("snakemake", "--cache", "--cores", "1", "--configfile", "own.yaml", "--", POOL)


def a_checkout(folder: Path, level: int = 60) -> Path:
    """With four images, whose content depends on ``level`` and whose names do not."""
    checkout = prepared(folder, OWN, "own.yaml")
    for number in range(4):
        path = checkout / "images/train" / ("ab"[number % 2]) / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((16, 16, 3), level + 10 * number, np.uint8)).save(path)
    return checkout


def run(checkout: Path, cache: Path) -> str:
    done = runner(checkout, SNAKEMAKE_OUTPUT_CACHE=str(cache))(*COMMAND)
    return done.stdout + done.stderr


def test_the_same_work_is_shared_and_other_work_is_not(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    first = a_checkout(tmp_path / "first")
    assert f"Moving output file {POOL} to cache" in run(first, cache)

    second = a_checkout(tmp_path / "second")
    told = run(second, cache)
    assert f"Symlinking output file {POOL} from cache" in told and "to cache" not in told
    for shared in (POOL, MADE_BY):
        assert (second / shared).read_bytes() == (first / shared).read_bytes()

    # the same names, other images
    images = a_checkout(tmp_path / "images", level=120)
    assert f"Moving output file {POOL} to cache" in run(images, cache)
    assert (images / POOL).read_bytes() != (first / POOL).read_bytes()

    # other code of the stage
    code = a_checkout(tmp_path / "code")
    module = code / "workflow/fact/backbones/extraction.py"
    module.write_text(module.read_text("utf-8") + "\nEDITED = 1\n", "utf-8")
    assert f"Moving output file {POOL} to cache" in run(code, cache)

    # other weights under the same name
    weights = a_checkout(tmp_path / "weights")
    file = weights / "workflow/weights/vit_digits.safetensors"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    declared = weights / "config/backbones.yaml"
    pinned = "585687ad"
    text = declared.read_text("utf-8")
    old = next(word for word in text.split() if word.strip("\"'").startswith(pinned))
    declared.write_text(text.replace(old, hashlib.sha256(content).hexdigest()), "utf-8")
    assert f"Moving output file {POOL} to cache" in run(weights, cache)
    assert (weights / POOL).read_bytes() != (first / POOL).read_bytes()
