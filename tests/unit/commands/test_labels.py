"""``fact labels``: a selection handed out in every format, and its labels taken back."""

import csv
import io
import json
from functools import partial
from pathlib import Path

import pandas as pd
import pytest
from fact import cli
from fact.data.labels_file import read_labels
from fact.data.manifest import make_index, write_manifest
from fact.data.selection_file import write_selection
from fact.infra.files.record import read_record
from typer.testing import CliRunner, Result

# equal base names, in an order that is not theirs
COUNT = 1_000
TRUTH = {f"{number * 7 % COUNT:03}/same.jpg": ("cat", "dog")[number % 2] for number in range(COUNT)}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Images, their selection and class names; the tests run in it."""
    for name in TRUTH:
        (tmp_path / "images" / name).parent.mkdir(parents=True)
        (tmp_path / "images" / name).write_text(name)
    ids = list(TRUTH)
    write_selection(
        tmp_path / "seed0.csv", pd.DataFrame({"sample_id": ids, "locator": ids}), [0.0] * len(ids)
    )
    (tmp_path / "classes.txt").write_text("cat\ndog\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["labels", *arguments])


def exported(form: str, out: str) -> None:
    extra = [] if form in ("csv", "label-studio") else ["--images", "images"]
    result = run("export", "seed0.csv", out, "--to", form, "--classes", "classes.txt", *extra)
    assert result.exit_code == 0, result.output
    assert f"{COUNT} images to label: {out}" in result.output


def imported(*files: str, report: str = "report.md") -> Result:
    fixed = [
        "--selection",
        "seed0.csv",
        "--classes",
        "classes.txt",
        "--out",
        "labels.csv",
        "--report",
        report,
    ]
    return run("import", *files, *fixed)


def label_sheet(
    folder: Path,
    delimiter: str = ";",
    encoding: str = "utf-8",
    end: str = "\n",
    kept: tuple[int, ...] = (0, 1, 2),
) -> str:
    """The sheet as a spreadsheet saves it; ``kept``: its columns, in this order."""
    header, *rows = csv.reader(io.StringIO((folder / "out.csv").read_text("utf-8-sig"), newline=""))
    filled = [header, *([a, b, TRUTH[a]] for a, b, _ in rows)]
    with (folder / "back.csv").open("w", newline="", encoding=encoding) as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator=end)
        writer.writerows([row[column] for column in kept] for row in filled)
    return "back.csv"


def label_studio(folder: Path) -> str:
    tasks = json.loads((folder / "out" / "tasks.json").read_text())
    for task in tasks:
        value = {"choices": [TRUTH[task["data"]["sample_id"]]]}
        task["annotations"] = [{"result": [{"type": "choices", "value": value}], "completed_by": 1}]
    (folder / "back.json").write_text(json.dumps(tasks[::-1]))
    return "back.json"


def label_studio_min(folder: Path) -> str:
    tasks = json.loads((folder / "out" / "tasks.json").read_text())
    records = [{**task["data"], "choice": TRUTH[task["data"]["sample_id"]], "annotator": 1} for task in tasks]
    (folder / "back.json").write_text(json.dumps(records))
    return "back.json"


def label_studio_csv(folder: Path) -> str:
    tasks = json.loads((folder / "out" / "tasks.json").read_text())
    about = {"annotator": 1, "id": 7, "lead_time": 1.5, "updated_at": "2026-01-01T00:00:00.000000Z"}
    records = [{**task["data"], **about, "choice": TRUTH[task["data"]["sample_id"]]} for task in tasks]
    with (folder / "back.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, sorted(records[0]), quoting=csv.QUOTE_NONNUMERIC)
        writer.writeheader()
        writer.writerows(records)
    return "back.csv"


def label_fiftyone(folder: Path) -> str:
    content = json.loads((folder / "out" / "labels.json").read_text())
    files = {file.stem: file.read_text() for file in (folder / "out" / "data").iterdir()}
    content["labels"] = {key: content["classes"].index(TRUTH[files[key]]) for key in content["labels"]}
    (folder / "out" / "labels.json").write_text(json.dumps(content))
    return "out/labels.json"


def label_folders(folder: Path) -> str:
    for file in (folder / "out" / "unlabelled").iterdir():
        file.rename(folder / "out" / TRUTH[file.read_text()] / file.name)
    return "out"


@pytest.mark.parametrize(
    ("form", "out", "label"),
    [
        ("csv", "out.csv", label_sheet),
        ("csv", "out.csv", partial(label_sheet, delimiter=",", encoding="utf-8-sig", end="\r\n")),
        ("csv", "out.csv", partial(label_sheet, delimiter="\t", encoding="utf-16", end="\r\n")),
        ("csv", "out.csv", partial(label_sheet, kept=(2, 0))),
        ("label-studio", "out", label_studio),
        ("label-studio", "out", label_studio_min),
        ("label-studio", "out", label_studio_csv),
        ("fiftyone", "out", label_fiftyone),
        ("folders", "out", label_folders),
    ],
)
def test_every_format_comes_back(folder, form, out, label):
    exported(form, out)
    result = imported(label(folder))
    assert result.exit_code == 0, result.output
    assert list(read_labels(folder / "labels.csv").items()) == list(TRUTH.items())
    assert f"{COUNT} images with a label, 0 of the selection without: labels.csv" in result.output
    record = read_record(folder / "labels.json")
    assert record["classes"] == ["cat", "dog"] and record["policy"] == "majority"


def test_a_partial_import_says_what_became_of_every_row(folder):
    ids = list(TRUTH)
    rows = [f"{ids[0]},cat", f"{ids[1]},dgo", f"{ids[2]},", "same.jpg,cat"]
    (folder / "back.csv").write_text("\n".join(["sample_id,label", *rows]))
    result = imported("back.csv", report="report.json")
    assert result.exit_code == 0, result.output
    report = json.loads((folder / "report.json").read_text())
    assert {name: len(votes) for name, votes in report["votes"].items()} == {
        "empty": 1,
        "unknown_class": 1,
        "unknown_id": 1,
        "used": 1,
    }
    assert report["misspelt"] == {"dgo": "dog"} and len(report["missing"]) == COUNT - 1
    assert read_labels(folder / "labels.csv") == {ids[0]: "cat"}


def test_a_sheet_of_which_one_column_was_sorted_labels_nothing_wrongly(folder):
    exported("csv", "out.csv")
    label_sheet(folder)
    header, *rows = csv.reader(io.StringIO((folder / "back.csv").read_text(), newline=""), delimiter=";")
    ids = sorted(sample_id for sample_id, *_ in rows)
    with (folder / "back.csv").open("w", newline="") as file:
        csv.writer(file).writerows(
            [header, *([name, *cells] for name, (_, *cells) in zip(ids, rows, strict=True))]
        )
    assert imported("back.csv", report="report.json").exit_code == 0
    assert len(json.loads((folder / "report.json").read_text())["votes"]["other_path"]) > COUNT / 2
    labels = read_labels(folder / "labels.csv")
    assert labels == {name: TRUTH[name] for name in labels}


def test_labels_of_other_images_of_the_pool_are_used(folder):
    records = [
        (name, split, name, None, 8, 8, "0" * 64, "ok") for name, split in (("p", "pool"), ("t", "test"))
    ]
    write_manifest(folder, make_index(records, [], []))
    (folder / "back.csv").write_text("sample_id,label\np,cat\nt,cat\n")
    result = run(
        *("import", "back.csv", "--selection", "seed0.csv", "--out", "labels.csv"),
        *("--manifest", "manifest.parquet", "--report", "report.json"),
    )
    assert result.exit_code == 0, result.output
    assert read_labels(folder / "labels.csv") == {"p": "cat"}
    assert [
        vote["sample_id"] for vote in json.loads((folder / "report.json").read_text())["votes"]["unknown_id"]
    ] == ["t"]


def test_without_one_label_the_report_is_there_and_the_labels_are_not(folder):
    (folder / "back.csv").write_text("sample_id,label\nx,cat\n")
    result = imported("back.csv")
    assert result.exit_code == 1 and "not one label in back.csv can be used" in result.output
    assert (folder / "report.md").is_file() and not (folder / "labels.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["export", "seed0.csv", "out", "--to", "xml"], "there is no format 'xml'"),
        (["export", "seed0.csv", "out", "--to", "label-studio"], "--classes"),
        (["export", "seed0.csv", "out", "--to", "folders"], "--images"),
        (["export", "none.csv", "out.csv"], "none.csv"),
        (
            ["import", "none.csv", "--selection", "seed0.csv", "--out", "labels.csv"],
            "none.csv does not exist",
        ),
        (["import", "none.csv", "--selection", "seed0.csv", "--out", "labels"], "written as .csv"),
        (
            ["import", "x.csv", "--selection", "seed0.csv", "--out", "a.csv", "--report", "a.json"],
            "the record beside a.csv",
        ),
    ],
)
def test_what_is_missing_or_wrong_is_said(folder, arguments, words):
    result = run(*arguments)
    assert result.exit_code == 1 and words in result.output
