"""Miniature copies of ImageNet, in layouts that copies of it have."""

from collections.abc import Callable
from pathlib import Path

from mat_files import structs, write_mat

SYNSETS = {
    "n02012849": "crane",
    "n01440764": "tench, Tinca tinca",
    "n03126707": "crane",
    "n02110185": "Siberian husky",
}
Write = Callable[..., Path]


def write_train(train: Path, write_image: Write) -> None:
    for offset, synset in enumerate(SYNSETS):
        for number in range(3):
            write_image(train / synset / f"{synset}_{number}.JPEG", seed=10 * offset + number)


def write_flat_validation(val: Path, write_image: Write) -> None:
    for number in range(1, 9):
        write_image(val / f"ILSVRC2012_val_{number:08d}.JPEG", seed=number)


def write_devkit(root: Path) -> None:
    """IDs in an order of their own, as published; 5 is an inner node of the hierarchy."""
    data = root / "ILSVRC2012_devkit_t12/data"
    rows = [
        {"ILSVRC2012_ID": number, "WNID": synset, "words": words, "gloss": "a", "num_children": 0}
        for number, (synset, words) in enumerate(SYNSETS.items(), 1)
    ]
    rows.append({"ILSVRC2012_ID": 5, "WNID": "n00001740", "words": "entity", "gloss": "a", "num_children": 2})
    write_mat(data / "meta.mat", synsets=structs([row | {"children": 0} for row in rows]).T)
    (data / "ILSVRC2012_validation_ground_truth.txt").write_text("1\n2\n3\n4\n4\n3\n2\n1\n")


def write_kaggle_lists(root: Path) -> None:
    synsets = sorted(SYNSETS)
    (root / "LOC_synset_mapping.txt").write_text("".join(f"{name} {SYNSETS[name]}\n" for name in synsets))
    answers = [*SYNSETS, *reversed(SYNSETS)]
    lines = [f"ILSVRC2012_val_{n:08d},{name} 111 108 230 367 \n" for n, name in enumerate(answers, 1)]
    (root / "LOC_val_solution.csv").write_text("ImageId,PredictionString\n" + "".join(reversed(lines)))
