"""What ImageNet's side files say: the names of synsets, and the synset of each validation image.

Kaggle's copy has ``LOC_synset_mapping.txt`` and ``LOC_val_solution.csv``. The devkit,
``ILSVRC2012_devkit_t12/data/``, has ``meta.mat`` and ``ILSVRC2012_validation_ground_truth.txt``; its
ILSVRC2012_ID is neither the label nor in the order of the synsets.
"""

import csv
from pathlib import Path

from fact.data.mat_file import read_structs
from fact.infra.errors import DataError

DEVKIT = ("ILSVRC2012_devkit_t12/data", "devkit/data", "data")
MAPPING = "LOC_synset_mapping.txt"
SOLUTION = "LOC_val_solution.csv"
GROUND_TRUTH = "ILSVRC2012_validation_ground_truth.txt"


def read_names(root: Path) -> dict[str, str]:
    """The first synonym of each synset, or nothing where neither list lies below ``root``.

    Raises DataError for a list that is damaged.
    """
    mapping = root / MAPPING
    if mapping.is_file():
        lines = [line.partition(" ") for line in mapping.read_text("utf-8").splitlines() if line]
        return {synset: _first(words) for synset, _, words in lines if words}
    devkit = _devkit(root)
    if devkit is None:
        return {}
    return {synset: _first(words) for synset, words in _leaves(devkit).values()}


def read_validation(root: Path) -> dict[str, str]:
    """The synset of each validation image, by file name without extension.

    Raises FileNotFoundError when neither list lies below ``root``, DataError when it is damaged.
    """
    if (root / SOLUTION).is_file():
        with (root / SOLUTION).open(encoding="utf-8", newline="") as file:
            return dict(_solution(root / SOLUTION, row) for row in csv.DictReader(file))
    devkit = _devkit(root)
    if devkit is None or not (devkit / GROUND_TRUTH).is_file():
        raise FileNotFoundError(
            f"{root}: the validation images are in one folder, and neither {SOLUTION} nor "
            f"{DEVKIT[0]}/{GROUND_TRUTH} says of which class they are; put one of them there"
        )
    return _ground_truth(devkit)


def _devkit(root: Path) -> Path | None:
    return next((root / place for place in DEVKIT if (root / place / "meta.mat").is_file()), None)


def _solution(path: Path, row: dict[str, str | None]) -> tuple[str, str]:
    # "n01751748 111 108 230 367", and again for each further box
    image, boxes = row.get("ImageId"), (row.get("PredictionString") or "").split()
    if not image or not boxes:
        raise DataError(f"{path}: a line without ImageId or PredictionString; fetch the file again")
    return image, boxes[0]


def _ground_truth(devkit: Path) -> dict[str, str]:
    path, leaves = devkit / GROUND_TRUTH, _leaves(devkit)
    synsets = {}
    for number, line in enumerate(path.read_text("ascii").split(), 1):
        if not line.isdecimal() or int(line) not in leaves:
            raise DataError(f"{path}: line {number} is {line!r}, no id of meta.mat; fetch the devkit again")
        synsets[f"ILSVRC2012_val_{number:08d}"] = leaves[int(line)][0]
    return synsets


def _leaves(devkit: Path) -> dict[int, tuple[str, str]]:
    """(synset, words) of each ILSVRC2012_ID; inner nodes of the hierarchy, which have children, left out."""
    fields = ("ILSVRC2012_ID", "WNID", "words", "num_children")
    rows = read_structs(devkit / "meta.mat", "synsets", fields)
    return {
        int(number): (str(synset), str(words)) for number, synset, words, children in rows if children == 0
    }


def _first(words: str) -> str:
    return words.split(",")[0].strip()
