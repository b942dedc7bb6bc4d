"""Pretrain the backbone of the demo on rendered letters, without labels: docs/lab/pretraining.md.

    python docs/pretrain_letters.py [FILE]

The letters A-Z and a-z are drawn in the DejaVu fonts that come with matplotlib, distorted at random, and
brought to the look of scikit-learn's digits. No digit is drawn and no image of the digits is read. FILE is
the shipped weights where it is left out.
"""

import string
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import matplotlib
import numpy as np
import torch
from fact.backbones.pretrain import pretrain_declared
from fact.backbones.spec import DeclaredBackbone, Pretraining, read_declared
from fact.config.registries import with_registries
from fact.data.images import resize_image
from fact.infra.files.sha256 import file_sha256
from fact.infra.files.shipped import workflow_folder
from fact.infra.needed import needed
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from safetensors.torch import save_file

WEIGHTS = workflow_folder() / "workflow/weights/vit_letters.safetensors"
FAMILIES = {
    "DejaVuSans": ("", "-Bold", "-Oblique", "-BoldOblique"),
    "DejaVuSansMono": ("", "-Bold", "-Oblique", "-BoldOblique"),
    "DejaVuSerif": ("", "-Bold", "-Italic", "-BoldItalic"),
}
# distorted copies of each letter in each font: 52 · 12 · 4 = 2,496 images
COPIES = 4
# with batches of at most 128 as many steps as the digits' pool takes in 120 epochs
EPOCHS = 72
SEED = 0
# side of the canvas, of the two-valued drawing, and of the image that counts its pixels
CANVAS, DRAWING, SIDE = 96, 32, 8


def font_files() -> list[Path]:
    """Return the fonts' files, all of them DejaVu."""
    folder = Path(matplotlib.get_data_path()) / "fonts/ttf"
    return [folder / f"{family}{style}.ttf" for family, styles in FAMILIES.items() for style in styles]


def letter_images() -> np.ndarray:
    """Return all images, uint8 (2496, 16, 16, 3), as the model takes them."""
    random = np.random.default_rng(SEED)
    small = [small_letter(glyph, random) for glyph in glyphs() for _ in range(COPIES)]
    grey = np.stack([np.repeat(image[..., None], 3, axis=-1) for image in small])
    return np.stack([resize_image(image, 2 * SIDE, "bicubic") for image in grey])


def glyphs() -> Iterator[Image.Image]:
    """Yield every letter in every font, white on black, in the middle of a canvas."""
    for file in font_files():
        font = ImageFont.truetype(file, size=CANVAS // 2)
        for letter in string.ascii_letters:
            canvas = Image.new("L", (CANVAS, CANVAS))
            ImageDraw.Draw(canvas).text((CANVAS / 2, CANVAS / 2), letter, fill=255, font=font, anchor="mm")
            yield canvas


def small_letter(glyph: Image.Image, random: np.random.Generator) -> np.ndarray:
    """Distort a letter, fit it into a square of 32 pixels and count those of each 4×4 block: uint8 (8, 8).

    The digits were made so from scanned forms: 0 to 16 pixels are set, here scaled to 0 to 255.
    """
    distorted = thickened(slanted(glyph, random), random)
    box = needed(distorted.getbbox(), "a letter that is not empty")
    fitted = distorted.crop(box)
    fitted.thumbnail((DRAWING, DRAWING))
    scale = DRAWING / max(fitted.size)
    fitted = fitted.resize(tuple(max(1, round(side * scale)) for side in fitted.size))
    drawing = Image.new("L", (DRAWING, DRAWING))
    drawing.paste(fitted, tuple((DRAWING - side) // 2 for side in fitted.size))
    is_set = np.asarray(drawing) >= 128
    block = DRAWING // SIDE
    counts = is_set.reshape(SIDE, block, SIDE, block).sum(axis=(1, 3))
    return np.rint(counts * (255 / block**2)).astype(np.uint8)


def slanted(glyph: Image.Image, random: np.random.Generator) -> Image.Image:
    """Turn a letter by up to 10 degrees, shear it by up to 0.2, and make it 0.55 to 1 times as wide.

    The digits are narrower than most letters.
    """
    angle, shear = random.uniform(-1, 1, 2) * (np.radians(10), 0.2)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = np.diag([1 / random.uniform(0.55, 1), 1]) @ turn @ [[1, shear], [0, 1]]
    centre = np.full(2, CANVAS / 2)
    map_back = np.column_stack([linear, centre - linear @ centre])
    return glyph.transform(
        glyph.size, Image.Transform.AFFINE, tuple(map_back.ravel()), Image.Resampling.BICUBIC
    )


def thickened(glyph: Image.Image, random: np.random.Generator) -> Image.Image:
    """Make the strokes of a letter thicker by 0 or 1 pixel of the canvas on each side."""
    return glyph.filter(ImageFilter.MaxFilter(2 * int(random.integers(2)) + 1))


def declared() -> DeclaredBackbone:
    """Return the digits' own architecture and recipe, with the epochs that give as many steps."""
    entries = with_registries({}, workflow_folder() / "config")["backbones"]
    digits = read_declared("vit_digits_pretrained_here", entries["vit_digits_pretrained_here"])
    settings = {**needed(digits.pretrain, "pretrain").settings, "epochs": EPOCHS}
    pretraining = Pretraining(dataset="letters", seed=SEED, settings=settings)
    return replace(digits, name="vit_letters", pretrain=pretraining)


def main() -> None:
    """Pretrain on one thread, so that one machine gives one result, and write float16."""
    torch.set_num_threads(1)
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else WEIGHTS
    model, _ = pretrain_declared(declared(), letter_images(), torch.device("cpu"))
    tensors = {name: tensor.half().contiguous() for name, tensor in model.state_dict().items()}
    save_file(tensors, file, metadata={"format": "pt"})
    print(f"{file}  sha256 {file_sha256(file)}")


if __name__ == "__main__":
    main()
