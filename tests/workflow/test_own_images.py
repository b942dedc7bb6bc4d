"""Own images as a user has them: a hostile folder, a selection, labels by several ways, training on them."""

import csv
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from browser import Page, browser
from checkout import planned, prepared, runner
from fact.data.labels_file import read_labels
from fact.data.manifest import read_files
from fact.infra.files.record import read_record
from fact.project.folder import open_project
from fact.project.labels_back import take_back
from PIL import Image

sys.path.append(str(Path(__file__).parents[1] / "unit"))
from bad_images import KINDS, write_bad_images

# what a shell, YAML, Snakemake's wildcards and a terminal would each take for a command
HOSTILE = 'it\'s; $(touch pwned) `touch pwned` {dataset} "é" 猫 \\n'
BUDGET = 12


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout, the collection of bad images, light and dark ones to tell apart, and some to measure on."""
    site, draw = prepared(tmp_path_factory.mktemp("own"), "", "plain.yaml"), np.random.default_rng(0)
    images = site / HOSTILE / "images"
    write_bad_images(images)
    for name, level in (("dark", 60), ("light", 190)):
        for number in range(12):
            pixels = np.clip(draw.normal(level, 20, (16, 16, 3)), 0, 255).astype(np.uint8)
            folder = images / f"{name}{number % 3}" if number < 9 else site / HOSTILE / "test" / name
            folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(folder / f"{number}.png")
    return site


@pytest.fixture(scope="module")
def project(site: Path) -> Path:
    """The project after its first run."""
    run, place = runner(site), site / HOSTILE
    given = ("--images", str(place / "images"), "--test", str(place / "test"), "--backbone", "vit_digits")
    made = run("fact", "new", str(place / "project"), *given, "--budget", str(BUDGET))
    assert "next: fact run " in made.stdout
    config = place / "project/fact.yaml"
    # the frozen backbone alone, which is quick
    text = config.read_text("utf-8").replace("[LR-frozen, FACT]", "[LR-frozen]")
    config.write_text(text + "model: {recipes: []}\n", "utf-8")
    told = run("fact", "run", str(place / "project"), "--cores", "2").stdout
    assert "unreadable" in told and "next:      label the images" in told
    return place / "project"


def sheet(project: Path) -> list[str]:
    with (project / "to_label/to_label.csv").open(encoding="utf-8-sig", newline="") as file:
        return [row["sample_id"] for row in csv.DictReader(file)]


def test_every_file_has_its_outcome_and_the_rest_is_handed_out(project: Path) -> None:
    outcomes = [outcome for outcome, _ in read_files(open_project(project).index / "files.csv").values()]
    kinds = [kind.outcome for kind in KINDS.values()]
    assert {name: outcomes.count(name) for name in ("duplicate", "unreadable", "ignored")} == {
        name: kinds.count(name) for name in ("duplicate", "unreadable", "ignored")
    }
    assert outcomes.count("used") == kinds.count("used") + 18 + 6
    assert len(sheet(project)) == BUDGET
    html = (project / "to_label/label.html").read_text("utf-8")
    assert html.count("data:image/") == 2 * BUDGET and "<img src=x" not in html
    # the test folder names the classes
    assert (project / "to_label/class_folders/dark").is_dir()
    assert (project / "to_label/label_studio/label_config.xml").is_file()


def test_no_name_was_run_as_a_command(project: Path, site: Path) -> None:
    assert not list(site.rglob("pwned"))


def test_the_same_again_does_nothing(project: Path, site: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (project / "to_label").rglob("*") if path.is_file()}
    told = runner(site)("fact", "run", str(project), "--cores", "2", "--verbose")
    assert "Nothing to be done" in told.stdout + told.stderr
    short = runner(site)("fact", "run", str(project), "--cores", "2").stdout
    assert "choosing images" not in short and "Snakemake" not in short and "next: " in short
    assert "nothing new" in runner(site)("fact", "run", str(project), "--dry-run").stdout
    kept = {path: path.stat().st_mtime_ns for path in before if path.name == "to_label.csv"}
    assert all(before[path] == time for path, time in kept.items())


def test_labels_by_several_ways_train_a_model_and_a_corrected_one_trains_it_again(
    project: Path, site: Path
) -> None:
    run, chosen = runner(site), sheet(project)
    truth = {name: "dark" if position % 2 else "light" for position, name in enumerate(chosen)}
    rows = [[name, "", truth[name]] for name in chosen[:5]]
    with (project / "to_label/to_label.csv").open("w", newline="") as file:
        csv.writer(file, delimiter=";").writerows([["sample_id", "path", "label"], *rows])
    tasks = json.loads((project / "to_label/label_studio/tasks.json").read_text())[5:9]
    for task in tasks:
        value = {"choices": [truth[task["data"]["sample_id"].removeprefix("'")]]}
        task["annotations"] = [{"result": [{"type": "choices", "value": value}], "was_cancelled": False}]
    (project / "labels_back").mkdir()
    (project / "labels_back/export.json").write_text(json.dumps(tasks))
    folders = project / "to_label/class_folders"
    file = next((folders / "unlabelled").glob("000010_*"))
    file.rename(folders / truth[chosen[9]] / file.name)
    told = run("fact", "run", str(project), "--cores", "2").stdout
    assert f"labels:    10 of {BUDGET}" in told and "next:      fact predict " in told
    assert read_labels(project / "labels.csv") == {name: truth[name] for name in chosen[:10]}
    model = open_project(project).model
    assert read_record(model / "config.json")["classes"] == ["dark", "light"]
    assert (model / "README.md").is_file() and str(project) not in (model / "README.md").read_text()
    estimate = read_record(model / "estimate.json")
    assert f"page:      {project / 'report.html'}" in told
    assert f"{100 * estimate['accuracy']:.1f} %" in (project / "report.html").read_text("utf-8")

    # a label is corrected: what learns from it runs again, and nothing before it
    rows[0][2] = "light" if rows[0][2] == "dark" else "dark"
    with (project / "to_label/to_label.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["sample_id", "path", "label"], *rows])
    take_back(open_project(project))
    place = ("--snakefile", str(site / "Snakefile"), "--directory", str(project))
    plan = run("snakemake", *place, "-n", "model", "--configfile", str(project / "fact.yaml")).stdout
    assert planned(plan) == {
        "validate_recipe",
        "assess_model",
        "train_model",
        "estimate_model",
        "audit_model",
        "export_model",
        "describe_model",
        "model",
    }


def test_the_sheet_and_the_report_open_in_a_browser(project: Path, site: Path) -> None:
    place = ("--snakefile", str(site / "Snakefile"), "--directory", str(project))
    config = ("--configfile", str(project / "fact.yaml"))
    runner(site)("snakemake", *place, "--cores", "2", *config, "--", "report")
    with browser() as driver:
        sheet = Page(driver, project / "to_label/label.html")
        sheet.wait("return [...document.querySelectorAll('#stage img')].some(i => i.naturalWidth > 0)")
        assert f"0 of {BUDGET}" in sheet.run("return document.getElementById('progress').textContent")
        assert sheet.complaints() == []
        assert sheet.requests() == [(project / "to_label/label.html").resolve().as_uri()]
    with browser() as driver:
        page = Page(driver, project / "results/report/index.html").settle()
        assert page.run("return document.querySelectorAll('.plot svg').length") and page.complaints() == []
        assert "LR-frozen" in page.run("return document.querySelector('#tables table').textContent")
        assert page.requests() == [(project / "results/report/index.html").resolve().as_uri()]


def test_more_budget_goes_on_from_what_is_labelled(project: Path, site: Path) -> None:
    run = runner(site)
    before = set(read_labels(project / "labels.csv"))
    assert "next: fact run" in run("fact", "more", str(project), "--budget", "4").stdout
    told = run("fact", "run", str(project), "--cores", "2").stdout
    assert f"to label:  {project / 'to_label_2'}" in told and f"labels:    {len(before)} of " in told
    with (project / "to_label_2/to_label.csv").open(encoding="utf-8-sig", newline="") as file:
        fresh = {row["sample_id"] for row in csv.DictReader(file)}
    assert len(fresh) == 4 and not fresh & before
    assert set(read_labels(project / "labels.csv")) == before


def test_an_audit_measures_the_model_and_no_image_of_it_is_trained_on(project: Path, site: Path) -> None:
    run, trained = runner(site), read_labels(project / "labels.csv")
    told = run("fact", "audit", str(project), "--images", "4", "--cores", "2").stdout
    assert "0 of 4 labelled" in told
    folder = max(project.glob("to_label_*"))
    with (folder / "to_label.csv").open(encoding="utf-8-sig", newline="") as file:
        drawn = [row["sample_id"] for row in csv.DictReader(file)]
    assert len(drawn) == 4 and not {name.removeprefix("'") for name in drawn} & trained.keys()
    with (folder / "to_label.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["sample_id", "label"], *([name, "dark"] for name in drawn)])
    told = run("fact", "run", str(project), "--cores", "2").stdout
    assert "measured on 4 images drawn at random" in told
    assert read_labels(project / "labels.csv").keys() == trained.keys()
    record = read_record(open_project(project).model / "audit.json")
    assert (record["asked"], record["labelled"]) == (4, 4)
    assert "drawn at random" in (open_project(project).model / "README.md").read_text("utf-8")


def test_images_that_changed_are_noticed_and_read_again_when_asked(project: Path, site: Path) -> None:
    images = open_project(project).images
    Image.fromarray(np.full((16, 16, 3), 7, np.uint8)).save(images / "light0/0.png")
    Image.fromarray(np.full((16, 16, 3), 9, np.uint8)).save(images / "late.png")
    told = runner(site)("fact", "run", str(project), "--cores", "2").stdout
    assert "1 changed since they were indexed: light0/0.png" in told and "1 new since" in told
    told = runner(site)("fact", "run", str(project), "--cores", "2", "--reindex").stdout
    assert "since they were indexed" not in told
    assert "late.png" in read_files(open_project(project).index / "files.csv")
