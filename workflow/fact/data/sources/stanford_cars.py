"""Stanford Cars: 196 makes, models and years; 8,144 images to train on (the pool) and 8,041 to test.

J. Krause et al., "3D Object Representations for Fine-Grained Categorization", 3dRR-13, 2013. Its host is
gone, so there is no download; copies have one of these layouts, in ``root`` or in ``stanford_cars/`` or
``car_data/`` below it:

- the original: ``cars_train/``, ``cars_test/`` (or each within a folder of its own name, as Kaggle has them),
  ``devkit/cars_meta.mat``, ``devkit/cars_train_annos.mat`` and ``cars_test_annos_withlabels.mat``, there or
  in ``devkit/``;
- the original in one: ``car_ims/`` and ``cars_annos.mat``;
- class folders, as other copies on Kaggle and Hugging Face: ``train/<class>/`` and ``test/<class>/``.

Labels are those of the annotations, or positions in the sorted class folders. Sample ids are paths, so that
selections from different layouts name different files.
"""

from pathlib import Path, PurePosixPath

from fact.data.folder_layout import Candidate, Layout, read_layout, with_repeats
from fact.data.manifest import Counts
from fact.data.mat_file import read_structs, read_texts
from fact.data.published_files import PublishedFiles
from fact.infra.errors import DataError

PLACES = with_repeats(("", "stanford_cars/", "car_data/"))
TEST_ANNOTATIONS = "cars_test_annos_withlabels.mat"


def _read_layout(root: Path) -> Layout:
    for place in PLACES:
        if (root / place / "cars_annos.mat").is_file() and (root / place / "car_ims").is_dir():
            return _read_one_folder(root, place)
        if (root / place / "cars_train").is_dir():
            return _read_two_folders(root, place)
        if (root / place / "train").is_dir():
            return _read_class_folders(root, place)
    raise FileNotFoundError(
        f"{root} holds neither cars_train/, car_ims/ with cars_annos.mat, nor train/; set "
        "datasets.<name>.root to a copy of Stanford Cars (its own host is gone; Kaggle and Hugging Face have "
        "copies)"
    )


def _read_one_folder(root: Path, place: str) -> Layout:
    path = root / place / "cars_annos.mat"
    classes = read_texts(path, "class_names")
    rows = read_structs(path, "annotations", ("relative_im_path", "class", "test"))
    candidates = [
        Candidate(
            place + _image_path(path, name), "test" if test else "pool", _class_name(path, classes, label)
        )
        for name, label, test in rows
    ]
    return Layout(sorted(candidates), classes, [])


def _read_two_folders(root: Path, place: str) -> Layout:
    classes = read_texts(root / place / "devkit/cars_meta.mat", "class_names")
    candidates = []
    for split, folder, path in (
        ("pool", "cars_train", root / place / "devkit/cars_train_annos.mat"),
        ("test", "cars_test", _test_annotations(root / place)),
    ):
        nested = (root / place / folder / folder).is_dir()
        images = f"{place}{folder}/{folder}" if nested else f"{place}{folder}"
        for name, label in read_structs(path, "annotations", ("fname", "class")):
            place_of_image = f"{images}/{_image_path(path, name)}"
            candidates.append(Candidate(place_of_image, split, _class_name(path, classes, label)))
    return Layout(sorted(candidates), classes, [])


def _test_annotations(folder: Path) -> Path:
    for path in (folder / TEST_ANNOTATIONS, folder / "devkit" / TEST_ANNOTATIONS):
        if path.is_file():
            return path
    raise FileNotFoundError(
        f"{folder / TEST_ANNOTATIONS} does not exist; the devkit's cars_test_annos.mat has no classes, so "
        "put that file beside it"
    )


def _image_path(path: Path, name: object) -> str:
    parts = PurePosixPath(str(name)).parts
    if not parts or parts[0] == "/" or ".." in parts:
        raise DataError(f"{path}: {name!r} is no path of an image inside the copy; fetch the file again")
    return str(name)


def _class_name(path: Path, classes: list[str], label: int) -> str:
    # MATLAB counts from 1
    if not 1 <= int(label) <= len(classes):
        raise DataError(f"{path}: class {label} is not one of 1 to {len(classes)}; fetch the file again")
    return classes[int(label) - 1]


def _read_class_folders(root: Path, place: str) -> Layout:
    layout = read_layout(root / place)
    return Layout(
        [candidate._replace(path=place + candidate.path) for candidate in layout.candidates],
        layout.classes,
        [(place + path, reason) for path, reason in layout.problems],
    )


CARS = PublishedFiles(_read_layout, Counts(classes=196, pool=8_144, test=8_041))

index = CARS.index
read_image = CARS.read_image
expected_counts = CARS.expected_counts
