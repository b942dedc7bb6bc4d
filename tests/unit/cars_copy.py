"""Miniature copies of Stanford Cars in their original layout, with MATLAB annotations."""

from collections.abc import Callable
from pathlib import Path

from mat_files import cells, structs, write_mat

CLASSES = ["AM General Hummer SUV 2000", "Acura RL Sedan 2012", "Ram C/V Cargo Van Minivan 2012"]
BOX = {"bbox_x1": 1, "bbox_y1": 2, "bbox_x2": 5, "bbox_y2": 6}
Write = Callable[..., Path]


def annotate(path: Path, images: int) -> None:
    names = [f"{number:05d}.jpg" for number in range(1, images + 1)]
    rows = [BOX | {"class": 1 + row % 3, "fname": name} for row, name in enumerate(names)]
    write_mat(path, annotations=structs(rows))


def write_original(root: Path, write_image: Write, devkit: bool = False, nested: bool = False) -> None:
    write_mat(root / "devkit/cars_meta.mat", class_names=cells(CLASSES))
    annotate(root / "devkit/cars_train_annos.mat", 6)
    annotate(root / ("devkit" if devkit else "") / "cars_test_annos_withlabels.mat", 3)
    for folder, images in (("cars_train", 6), ("cars_test", 3)):
        for number in range(1, images + 1):
            write_image(root / folder / (folder if nested else "") / f"{number:05d}.jpg", seed=number)
