"""A thousand images with the names that files have, out and back in every format: none lost or mistaken."""

import csv
import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fact.data.labels_file import read_labels
from fact.data.path_text import to_path
from fact.data.selection_file import write_selection
from fact.infra.files.spreadsheet import escape_formula
from fact.project.labels.class_folders import folder_name
from fact.project.labels.export import HandOff, export_labels
from fact.project.labels.handed_files import read_mapping
from fact.project.labels.import_labels import Asked, import_labels
from fact.project.labels.reconcile import Outcome
from odd_names import IDS

COUNT = 1_000
CLASSES = ["cat", "M\u00f6we", 'say "hi", <b>', "=1+1", "'x", "50% off", "a/b", "unlabelled"]
# the same base name in every folder; a letter as one sign and as two, side by side
BASES = ["same.jpg", "M\u00f6we.jpg", "Mo\u0308we.jpg", 'it\'s "so".jpg', "two\nlines.jpg", "u\u2028x.jpg"]
NAMES = [*IDS, *(f"d{n // len(BASES)}/{BASES[n % len(BASES)]}" for n in range(COUNT - len(IDS)))]
TRUTH = {name: CLASSES[n * 7 % len(CLASSES)] for n, name in enumerate(NAMES)}

Form = Callable[[Path], Path]


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file for each image, which holds its id."""
    root = tmp_path_factory.mktemp("images")
    for name in NAMES:
        path = root / to_path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return root


@pytest.fixture
def site(tmp_path: Path, images: Path) -> Path:
    """The selection of all of them, and the names of the classes."""
    os.symlink(images, tmp_path / "images")
    rows = pd.DataFrame({"sample_id": NAMES, "locator": NAMES})
    write_selection(tmp_path / "seed0.csv", rows, [0.0] * len(NAMES))
    (tmp_path / "classes.txt").write_text("\n".join(CLASSES))
    return tmp_path


def handed_out(site: Path, form: str, name: str) -> Path:
    export_labels(site / "seed0.csv", form, site / name, hand_off=HandOff(site / "images", CLASSES, "pool"))
    return site / name


def sheet(site: Path) -> Path:
    out = handed_out(site, "csv", "out.csv")
    header, *rows = csv.reader(io.StringIO(out.read_bytes().decode("utf-8-sig"), newline=""))
    order = {escape_formula(name): name for name in NAMES}
    # typed by hand, a class that begins as a formula has an apostrophe in front
    filled = [[name, path, escape_formula(TRUTH[order[name]])] for name, path, _ in reversed(rows)]
    return table(site / "back.csv", [header, *filled])


def table(path: Path, rows: list[list[str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


def tasks(site: Path) -> list[dict]:
    return json.loads((handed_out(site, "label-studio", "out") / "tasks.json").read_text())


def label_studio(site: Path) -> Path:
    back = tasks(site)
    for task in back:
        value = {"choices": [TRUTH[task["data"]["sample_id"]]]}
        task["annotations"] = [{"result": [{"type": "choices", "value": value}], "completed_by": 1}]
    return as_json(site / "back.json", back)


def label_studio_min(site: Path) -> Path:
    back = [{**task["data"], "choice": TRUTH[task["data"]["sample_id"]]} for task in tasks(site)]
    return as_json(site / "back.json", back)


def label_studio_csv(site: Path) -> Path:
    rows = [[task["data"]["sample_id"], TRUTH[task["data"]["sample_id"]], "1"] for task in tasks(site)]
    return table(site / "back.csv", [["sample_id", "choice", "annotator"], *rows])


def as_json(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content, ensure_ascii=False), "utf-8")
    return path


def fiftyone(site: Path) -> Path:
    out = handed_out(site, "fiftyone", "out")
    labels = {Path(file).stem: CLASSES.index(TRUTH[name]) for file, name in read_mapping(out).items()}
    return as_json(out / "labels.json", {"classes": CLASSES, "labels": labels})


def class_folders(site: Path) -> Path:
    out = handed_out(site, "folders", "out")
    for file in list((out / "unlabelled").iterdir()):
        # the file itself says which it is, not its name
        file.rename(out / folder_name(TRUTH[file.read_bytes().decode()]) / file.name)
    return out


def metadata_csv(site: Path) -> Path:
    return table(site / "metadata.csv", [["file_name", "label"], *map(list, TRUTH.items())])


def metadata_jsonl(site: Path) -> Path:
    rows = ({"file_name": name, "label": label} for name, label in TRUTH.items())
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (site / "metadata.jsonl").write_text(text, "utf-8")
    return site / "metadata.jsonl"


def metadata_parquet(site: Path) -> Path:
    features = {"label": {"names": CLASSES, "_type": "ClassLabel"}}
    columns = {"file_name": NAMES, "label": [CLASSES.index(label) for label in TRUTH.values()]}
    metadata = {"huggingface": json.dumps({"info": {"features": features}})}
    pq.write_table(pa.table(columns).replace_schema_metadata(metadata), site / "metadata.parquet")
    return site / "metadata.parquet"


def coco(site: Path) -> Path:
    content = {
        "images": [{"id": n, "file_name": name} for n, name in enumerate(NAMES)],
        "categories": [{"id": n + 5, "name": name} for n, name in enumerate(CLASSES)],
        "annotations": [
            {
                "id": 2 * n + again,
                "image_id": n,
                "category_id": CLASSES.index(TRUTH[name]) + 5,
                "bbox": [0, 0, 1, 1],
            }
            for n, name in enumerate(NAMES)
            for again in range(2)
        ],
    }
    return as_json(site / "instances.json", content)


def cvat(site: Path) -> Path:
    root = ElementTree.Element("annotations")
    for number, (name, label) in enumerate(TRUTH.items()):
        image = ElementTree.SubElement(root, "image", {"id": str(number), "name": name})
        ElementTree.SubElement(image, "tag", {"label": label, "source": "manual"})
    ElementTree.ElementTree(root).write(site / "annotations.xml", encoding="utf-8", xml_declaration=True)
    return site / "annotations.xml"


FORMS = [
    *(sheet, label_studio, label_studio_min, label_studio_csv, fiftyone, class_folders),
    *(metadata_csv, metadata_jsonl, metadata_parquet, coco, cvat),
]


@pytest.mark.parametrize("form", FORMS)
def test_no_label_is_lost_and_none_is_given_to_another_image(site: Path, form: Form) -> None:
    assert len(TRUTH) == COUNT and len({name.rpartition("/")[2] for name in NAMES}) < 40
    asked = Asked(site / "seed0.csv", None, site / "classes.txt", policy="majority")
    result = import_labels([form(site)], asked, site / "labels.csv", reports=[])
    assert {outcome for _, outcome in result.outcomes} == {Outcome.USED} and len(result.outcomes) == COUNT
    assert read_labels(site / "labels.csv") == TRUTH


@pytest.mark.parametrize(
    "form", [metadata_csv, metadata_jsonl, metadata_parquet, coco, cvat, label_studio_min]
)
def test_of_two_formats_one_says_the_same_as_the_other(site: Path, form: Form) -> None:
    files = [sheet(site).rename(site / "sheet.csv"), form(site)]
    asked = Asked(site / "seed0.csv", None, None, policy="leave")
    result = import_labels(files, asked, site / "labels.csv", reports=[])
    assert {outcome for _, outcome in result.outcomes} == {Outcome.USED} and len(result.outcomes) == 2 * COUNT
    assert result.labels == TRUTH
