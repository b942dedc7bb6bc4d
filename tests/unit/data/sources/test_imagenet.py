"""ImageNet in miniature, in each layout that copies of it have."""

import shutil
import tarfile
from pathlib import Path

import numpy as np
import pytest
from fact.data.sources import imagenet
from imagenet_copies import (
    SYNSETS,
    Write,
    write_devkit,
    write_flat_validation,
    write_kaggle_lists,
    write_train,
)
from PIL import Image
from tar_copies import tar_bytes, write_tar

NAMES = ["tench", "crane (n02012849)", "Siberian husky", "crane (n03126707)"]


def check_index(root: Path, names: list[str]) -> None:
    rows, problems, classes = imagenet.index(root)
    assert classes == names and problems.empty
    assert rows.groupby(["split", "label"]).size().to_list() == [3] * 4 + [2] * 4
    labels = dict(zip(rows["locator"], rows["label"], strict=True))
    synsets = sorted(SYNSETS)
    assert all(synsets[label] in path for path, label in labels.items() if "train/" in path)
    row = rows.iloc[-1]
    assert imagenet.read_image(root, row["locator"], row["sha256"]).shape == (8, 12, 3)


def test_class_folders_without_names(tmp_path: Path, write_image: Write) -> None:
    write_train(tmp_path / "train", write_image)
    for synset in SYNSETS:
        for number in range(2):
            write_image(tmp_path / "val" / synset / f"ILSVRC2012_val_{number:08d}.JPEG")
    check_index(tmp_path, sorted(SYNSETS))


def test_flat_validation_with_the_devkit(tmp_path: Path, write_image: Write) -> None:
    write_train(tmp_path / "train", write_image)
    write_flat_validation(tmp_path / "val", write_image)
    write_devkit(tmp_path)
    check_index(tmp_path, NAMES)
    rows = imagenet.index(tmp_path).rows.set_index("sample_id")
    # the first validation image has ILSVRC2012_ID 1, which is second among the sorted synsets
    assert rows.loc["val/ILSVRC2012_val_00000001.JPEG", "label"] == 1


def test_layout_of_kaggle(tmp_path: Path, write_image: Write) -> None:
    write_train(tmp_path / "ILSVRC/Data/CLS-LOC/train", write_image)
    write_flat_validation(tmp_path / "ILSVRC/Data/CLS-LOC/val", write_image)
    write_kaggle_lists(tmp_path)
    check_index(tmp_path, NAMES)
    rows = imagenet.index(tmp_path).rows.set_index("sample_id")
    assert rows.loc["ILSVRC/Data/CLS-LOC/val/ILSVRC2012_val_00000001.JPEG", "label"] == 1


def pack(archive: Path, folder: Path) -> None:
    """The files of a folder in an uncompressed archive, in its place."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive, "w:") as tar:
        for path in sorted(folder.rglob("*.*")):
            tar.add(path, path.name)
    shutil.rmtree(folder)


def test_archives_of_image_net_org(tmp_path: Path, write_image: Write) -> None:
    write_train(tmp_path / "unpacked", write_image)
    for synset in SYNSETS:
        pack(tmp_path / "train" / f"{synset}.tar", tmp_path / "unpacked" / synset)
    write_flat_validation(tmp_path / "flat", write_image)
    pack(tmp_path / "val/ILSVRC2012_img_val.tar", tmp_path / "flat")
    write_devkit(tmp_path)
    check_index(tmp_path, NAMES)
    rows = imagenet.index(tmp_path).rows.set_index("sample_id")
    assert rows.loc["val/ILSVRC2012_img_val.tar/ILSVRC2012_val_00000001.JPEG", "label"] == 1


def test_shards_of_images_named_by_synset(tmp_path: Path, write_image: Write) -> None:
    write_train(tmp_path / "unpacked", write_image)
    (tmp_path / "unpacked/n01440764_0.cls").write_text("0")
    pack(tmp_path / "train/imagenet-train-0000.tar", tmp_path / "unpacked")
    for number, synset in enumerate([*SYNSETS, *SYNSETS]):
        write_image(tmp_path / f"flat/ILSVRC2012_val_{number:08d}_{synset}.JPEG")
    pack(tmp_path / "val/imagenet-val-0000.tar", tmp_path / "flat")
    check_index(tmp_path, sorted(SYNSETS))


def members(folder: Path, prefix: str) -> dict[str, bytes]:
    return {prefix + path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def packed(form: str, unpacked: Path, train: Path) -> None:
    """The training images in one of the ways in which people pack them."""
    if form == "archives in one archive":
        inner = {f"{name}.tar": tar_bytes(members(unpacked / name, "")) for name in SYNSETS}
        write_tar(train / "ILSVRC2012_img_train.tar", inner)
    elif form == "archives in a folder in one archive":
        inner = {f"./train/{name}.tar": tar_bytes(members(unpacked / name, f"./{name}/")) for name in SYNSETS}
        write_tar(train / "ILSVRC2012_img_train.tar", inner)
    elif form == "class folders in one archive":
        inner = {
            key: data
            for name in SYNSETS
            for key, data in members(unpacked / name, f"./train/{name}/").items()
        }
        write_tar(train / "all.tar", inner)
    elif form == "twice the same folder":
        shutil.copytree(unpacked, train / "train")
    elif form == "archives in a folder":
        for name in SYNSETS:
            write_tar(train / f"archives/{name}.tar", members(unpacked / name, "images/deep/"))
    else:
        for name in SYNSETS:
            write_tar(train / f"{name}.tar", members(unpacked / name, form))


@pytest.mark.parametrize(
    "form",
    [
        *(
            "",
            "./",
            "some folder/",
            "./a/b/",
            "archives in one archive",
            "archives in a folder in one archive",
        ),
        *("class folders in one archive", "archives in a folder", "twice the same folder"),
    ],
)
def test_any_packing_gives_the_same_images_and_labels(tmp_path: Path, write_image: Write, form: str) -> None:
    write_train(tmp_path / "unpacked", write_image)
    root = tmp_path / "imagenet/imagenet"
    packed(form, tmp_path / "unpacked", root / "train")
    write_flat_validation(tmp_path / "flat", write_image)
    write_tar(root / "val/val.tar", {"./val/inner.tar": tar_bytes(members(tmp_path / "flat", "./"))})
    write_devkit(tmp_path)
    check_index(tmp_path, NAMES)
    rows = imagenet.index(tmp_path).rows
    synsets = sorted(SYNSETS)
    labels = {
        path.rpartition("/")[2]: label for path, label in zip(rows["locator"], rows["label"], strict=True)
    }
    assert all(labels[f"{name}_{n}.JPEG"] == synsets.index(name) for name in SYNSETS for n in range(3))


def test_damaged_archives_are_named(tmp_path: Path, write_image: Write) -> None:
    write_train(tmp_path / "unpacked", write_image)
    write_flat_validation(tmp_path / "val", write_image)
    write_devkit(tmp_path)
    for synset in SYNSETS:
        pack(tmp_path / "train" / f"{synset}.tar", tmp_path / "unpacked" / synset)
    archive = tmp_path / "train/n01440764.tar"
    archive.write_bytes(archive.read_bytes()[:900])
    with pytest.raises(ValueError, match=r"n01440764\.tar cannot be read as an uncompressed tar archive"):
        imagenet.index(tmp_path)


def test_orientation_is_as_stored(tmp_path: Path, write_image: Write) -> None:
    write_train(tmp_path / "train", write_image)
    write_flat_validation(tmp_path / "val", write_image)
    write_devkit(tmp_path)
    exif = Image.Exif()
    exif[0x0112] = 6
    image = Image.fromarray(np.zeros((8, 12, 3), np.uint8))
    image.save(tmp_path / "train/n01440764/n01440764_0.JPEG", exif=exif)
    row = imagenet.index(tmp_path).rows.set_index("sample_id").loc["train/n01440764/n01440764_0.JPEG"]
    assert (row["width"], row["height"]) == (12, 8)
    assert imagenet.read_image(tmp_path, "train/n01440764/n01440764_0.JPEG").shape == (8, 12, 3)


def test_oddities_are_problems(tmp_path: Path, write_image: Write) -> None:
    write_train(tmp_path / "train", write_image)
    write_flat_validation(tmp_path / "val", write_image)
    write_devkit(tmp_path)
    write_image(tmp_path / "train/backup/a.JPEG")
    write_image(tmp_path / "val/other.JPEG")
    (tmp_path / "val/ILSVRC2012_val_00000008.JPEG").unlink()
    index = imagenet.index(tmp_path)
    assert len(index.rows) == 12 + 7
    assert index.problems.values.tolist() == [
        ["train/backup", "ignored", "no synset of train/"],
        ["val/ILSVRC2012_val_00000008.JPEG", "ignored", "missing"],
        ["val/other.JPEG", "ignored", "of no known synset"],
    ]


def test_flat_validation_without_a_list(tmp_path: Path, write_image: Write) -> None:
    write_train(tmp_path / "train", write_image)
    write_flat_validation(tmp_path / "val", write_image)
    with pytest.raises(FileNotFoundError, match=r"neither LOC_val_solution\.csv nor ILSVRC2012_devkit_t12"):
        imagenet.index(tmp_path)


def test_damaged_lists(tmp_path: Path, write_image: Write) -> None:
    write_train(tmp_path / "train", write_image)
    write_flat_validation(tmp_path / "val", write_image)
    write_devkit(tmp_path)
    (tmp_path / "ILSVRC2012_devkit_t12/data/ILSVRC2012_validation_ground_truth.txt").write_text("1\n5\n")
    with pytest.raises(ValueError, match=r"ground_truth\.txt: line 2 is '5', no id of meta\.mat"):
        imagenet.index(tmp_path)
    (tmp_path / "LOC_val_solution.csv").write_text("ImageId,PredictionString\nILSVRC2012_val_00000001,\n")
    with pytest.raises(ValueError, match=r"LOC_val_solution\.csv: a line without ImageId"):
        imagenet.index(tmp_path)


def test_what_is_not_unpacked_is_named(tmp_path: Path, write_image: Write) -> None:
    with pytest.raises(FileNotFoundError, match=r"set datasets\.<name>\.root to a copy of ImageNet"):
        imagenet.index(tmp_path)
    (tmp_path / "ILSVRC2012_img_train.tar").write_bytes(b"")
    with pytest.raises(FileNotFoundError, match=r"move ILSVRC2012_img_train\.tar into train/"):
        imagenet.index(tmp_path)
    write_image(tmp_path / "train/cat/a.JPEG")
    write_image(tmp_path / "val/cat/a.JPEG")
    with pytest.raises(ValueError, match="no folder or archive is named by a synset"):
        imagenet.index(tmp_path)
