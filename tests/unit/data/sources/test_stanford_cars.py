"""Stanford Cars in miniature, in each layout that copies of it have."""

from pathlib import Path

import pytest
from cars_copy import BOX, CLASSES, Write, write_original
from fact.data.sources import stanford_cars
from mat_files import cells, structs, write_mat


@pytest.mark.parametrize("place", ["", "stanford_cars"])
@pytest.mark.parametrize("devkit", [False, True])
@pytest.mark.parametrize("nested", [False, True])
def test_original_layout(tmp_path: Path, write_image: Write, place: str, devkit: bool, nested: bool) -> None:
    write_original(tmp_path / place, write_image, devkit, nested)
    rows, problems, classes = stanford_cars.index(tmp_path)
    assert classes == CLASSES and problems.empty
    assert rows.groupby(["split", "label"]).size().to_list() == [2, 2, 2, 1, 1, 1]
    row = rows[rows["locator"].str.endswith("cars_train/00003.jpg")].iloc[0]
    assert row["label"] == 2 and row["split"] == "pool"
    image = stanford_cars.read_image(tmp_path, row["locator"], row["sha256"])
    assert image.shape == (8, 12, 3)


def test_original_in_one_folder(tmp_path: Path, write_image: Write) -> None:
    names = [f"car_ims/{number:06d}.jpg" for number in range(1, 7)]
    rows = [
        {"relative_im_path": name} | BOX | {"class": 1 + row % 3, "test": row // 3}
        for row, name in enumerate(names)
    ]
    write_mat(tmp_path / "cars_annos.mat", annotations=structs(rows), class_names=cells(CLASSES))
    for number, name in enumerate(names):
        write_image(tmp_path / name, seed=number)
    index = stanford_cars.index(tmp_path)
    assert index.classes == CLASSES
    assert index.rows[["split", "label"]].values.tolist() == [
        [s, c] for s in ("pool", "test") for c in range(3)
    ]


@pytest.mark.parametrize("place", ["", "car_data/car_data", "stanford_cars", "stanford_cars/stanford_cars"])
def test_class_folders(tmp_path: Path, write_image: Write, place: str) -> None:
    for split in ("train", "test"):
        for name in ("Acura RL Sedan 2012", "Audi S6 Sedan 2011"):
            write_image(tmp_path / place / split / name / "00001.jpg")
    rows, problems, classes = stanford_cars.index(tmp_path)
    assert classes == ["Acura RL Sedan 2012", "Audi S6 Sedan 2011"] and problems.empty
    assert rows["locator"].iloc[0].startswith(place) and len(rows) == 4
    assert stanford_cars.read_image(tmp_path, rows["locator"].iloc[0]).shape == (8, 12, 3)


def test_missing_images_are_problems(tmp_path: Path, write_image: Write) -> None:
    write_original(tmp_path, write_image)
    (tmp_path / "cars_train/00004.jpg").unlink()
    rows, problems, _ = stanford_cars.index(tmp_path)
    assert len(rows) == 8
    assert problems.values.tolist() == [
        ["cars_train/00004.jpg", "unreadable", "file cannot be read: No such file or directory"]
    ]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("cars_test_annos_withlabels.mat", "cars_test_annos_withlabels.mat does not exist; the devkit's"),
        ("devkit/cars_meta.mat", "cars_meta.mat does not exist"),
        ("devkit/cars_train_annos.mat", "cars_train_annos.mat does not exist"),
    ],
)
def test_missing_annotations_are_named(tmp_path: Path, write_image: Write, name: str, message: str) -> None:
    write_original(tmp_path, write_image)
    (tmp_path / name).unlink()
    with pytest.raises(FileNotFoundError, match=message):
        stanford_cars.index(tmp_path)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"class": 4, "fname": "00001.jpg"}, "class 4 is not one of 1 to 3"),
        ({"class": 1, "fname": "../00001.jpg"}, "no path of an image inside the copy"),
        ({"fname": "00001.jpg"}, "annotations has no field 'class'"),
    ],
)
def test_other_annotations_are_refused(
    tmp_path: Path, write_image: Write, row: dict[str, object], message: str
) -> None:
    write_original(tmp_path, write_image)
    write_mat(tmp_path / "devkit/cars_train_annos.mat", annotations=structs([row]))
    with pytest.raises(ValueError, match=f"cars_train_annos.mat: .*{message}"):
        stanford_cars.index(tmp_path)


def test_no_copy(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"holds neither cars_train/.*its own host is gone"):
        stanford_cars.index(tmp_path)
