"""Frames of videos as one's own images: whole videos are held out, in the estimate and in the audit."""

import csv
from pathlib import Path

import numpy as np
import pytest
from checkout import planned, prepared, runner
from fact.data.grouping import read_groups
from fact.infra.files.record import read_record
from fact.project.folder import open_project
from PIL import Image

VIDEOS, FRAMES = 12, 5


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout, and frames of dark and light videos, each of a tint of its own."""
    site, draw = prepared(tmp_path_factory.mktemp("groups"), "", "plain.yaml"), np.random.default_rng(0)
    (site / "frames").mkdir()
    for video in range(VIDEOS):
        tint = draw.uniform(40, 90, 3) + 100 * (video % 2)
        for frame in range(FRAMES):
            pixels = np.clip(draw.normal(tint, 12, (16, 16, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(site / f"frames/v{video:02d}_{frame}.png")
    return site


@pytest.fixture(scope="module")
def project(site: Path) -> Path:
    """The project with a model of 12 labels."""
    run, place = runner(site), site / "project"
    given = ("--images", "frames", "--backbone", "vit_digits", "--budget", "12", "--groups", r"^(v\d+)_")
    run("fact", "new", str(place), *given)
    config = (place / "fact.yaml").read_text("utf-8").replace("[LR-frozen, FACT]", "[LR-frozen]")
    config = config.replace("spread_over_groups: false", "spread_over_groups: true")
    (place / "fact.yaml").write_text(config + "model: {recipes: []}\n", "utf-8")
    assert f"groups:    {VIDEOS} in the pool" in run("fact", "run", str(place)).stdout
    label(place / "to_label/to_label.csv")
    assert "% on images of new groups (" in run("fact", "run", str(place)).stdout
    return place


def label(sheet: Path) -> None:
    """Fill in the sheet: light videos have odd numbers."""
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    with sheet.open("w", encoding="utf-8", newline="") as file:
        cells = ([row[0], row[1], "light" if int(row[0][1:3]) % 2 else "dark"] for row in rows)
        csv.writer(file).writerows([header, *cells])


def test_the_choice_is_spread_over_the_videos(project: Path) -> None:
    with (project / "to_label/to_label.csv").open(encoding="utf-8-sig", newline="") as file:
        chosen = [row["sample_id"][:3] for row in csv.DictReader(file)]
    assert len(set(chosen)) == VIDEOS == len(chosen)


def test_whole_videos_are_held_out_and_the_card_says_so(project: Path) -> None:
    model = open_project(project).model
    measured = read_record(model / "assessment.json")["measured"]
    assert (measured["groups"], measured["held_out"]) == (VIDEOS, 12)
    assert f"{VIDEOS} groups that are each held out as a whole" in (model / "README.md").read_text("utf-8")
    assert not [line for line in read_record(model / "assessment.json")["cautions"] if "by name" in line]
    # of every video one frame is labelled: of no unlabelled image the estimate may learn
    assert read_record(model / "estimate.json")["unlabelled"] == 0


def test_no_image_is_left_for_an_audit_that_is_of_a_new_video(project: Path, site: Path) -> None:
    refused = runner(site)("fact", "audit", str(project), "--images", "3", succeeds=False)
    assert "or are of their groups" in refused.stderr


def test_other_groups_estimate_anew_and_extract_nothing(project: Path, site: Path) -> None:
    config = project / "fact.yaml"
    before = config.read_text("utf-8")
    assert before.count(r"^(v\\d+)_") == 1
    config.write_text(before.replace(r"^(v\\d+)_", r"^(v\\d)"), "utf-8")
    snakefile = str(site / "Snakefile")
    asked = ("--snakefile", snakefile, "--directory", str(project), "--configfile", str(config), "-n")
    jobs = planned(runner(site)("snakemake", *asked, "--", "model").stdout)
    config.write_text(before, "utf-8")
    assert {"group_images", "validate_recipe", "assess_model", "train_model"} <= jobs
    assert not {"index_dataset", "extract_features", "get_weights"} & jobs
    assert len(set(read_groups(Path(open_project(project).groups[0])).values())) == VIDEOS
