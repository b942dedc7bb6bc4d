"""Write a stand-in for ImageNet, images of noise with a pattern for each class, and an overlay for it.

    python tests/benchmarks/imagenet_stand_in.py FOLDER --images 100000 --classes 1000
    snakemake --profile slurm --configfile FOLDER/overlay.yaml -- stand_in_table

Images are PNGs of 32 × 32 pixels in class folders, ten test images for each class. The overlay has a ViT of
one block and 384 channels with random weights, a budget of 1 %, and rows with ActiveFT, VeCAF, ActiveDC,
probes and FACT. Its accuracies say nothing; it shows that every stage runs at this size.
"""

import argparse
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

SIDE, CELLS, TEST_IMAGES = 32, 4, 10
OVERLAY = """
run:
  datasets: [stand_in]
  rows: [LR-frozen, FACT, VeCAF within budget, ActiveDC]
  seeds: [0]
  tables: [stand_in_table]
  keep_refined: false

datasets:
  stand_in:
    source: image_folder
    root: {root}
    options: {{verify: header}}
    backbones: [stand_in_vit]
    budgets: [1pct]
    transform: squash
    training: {{warmup_epochs: 0}}
    recipes: {{ff: {{epochs: 2}}, lp-ft: {{epochs: 2}}, ff-dc: {{epochs: 2}}}}

backbones:
  stand_in_vit:
    model: vit_small_patch16_224
    weights: random
    sha256: null
    model_args: {{img_size: 32, patch_size: 8, embed_dim: 384, depth: 1, num_heads: 6}}
    image_size: 32
    mean: null
    std: null
    interpolation: bicubic
    pretrain: null
    training: {{}}

tables:
  stand_in_table: {{title: "A stand-in for ImageNet (random weights, made-up images)", datasets: [stand_in]}}
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--images", type=int, default=100_000)
    parser.add_argument("--classes", type=int, default=1000)
    asked = parser.parse_args()
    with ThreadPoolExecutor() as threads:
        for split, count in {"train": asked.images // asked.classes, "test": TEST_IMAGES}.items():
            folders = [asked.folder / split / f"class{index:04d}" for index in range(asked.classes)]
            for _ in threads.map(lambda folder, count=count: write_class(folder, count), folders):
                pass
    root = asked.folder.resolve()
    (asked.folder / "overlay.yaml").write_text(OVERLAY.format(root=root), "utf-8")
    print(
        f"{asked.images} pool images of {asked.classes} classes: --configfile {asked.folder / 'overlay.yaml'}"
    )


def write_class(folder: Path, count: int) -> None:
    """Write the images of one class: its pattern of large cells, under noise of each image's own."""
    folder.mkdir(parents=True, exist_ok=True)
    pattern = np.random.default_rng([int(folder.name[5:]), 0]).integers(40, 216, (CELLS, CELLS, 3))
    large = np.kron(pattern, np.ones((SIDE // CELLS, SIDE // CELLS, 1)))
    for index in range(count):
        own = np.random.default_rng([int(folder.name[5:]), 1 + index, len(folder.parent.name)])
        noisy = large + own.normal(0, 30, (CELLS * 2, CELLS * 2, 3)).repeat(4, 0).repeat(4, 1)
        Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(folder / f"{index:05d}.png")


if __name__ == "__main__":
    main()
