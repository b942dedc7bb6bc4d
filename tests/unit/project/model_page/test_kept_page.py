"""The page of a project whose model is written here: what it says, and when it is written."""

import json
import os
import re
import shutil
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from fact.data.manifest import write_manifest
from fact.data.sources import own_images
from fact.infra.files.record import publish_record, read_record
from fact.project.folder import Project, open_project
from fact.project.model_page.kept_page import keep_page, model_page
from modelled import modelled

NAMES = [f"{number:02}.png" for number in range(40)]
LABELS = {name: ("cat", "dog", "cow")[number % 3] for number, name in enumerate(NAMES[:24])}
LIMIT = 8_000_000


@pytest.fixture
def birds(tmp_path: Path, write_image: Callable[..., Path]) -> Project:
    for number, name in enumerate(NAMES):
        write_image(tmp_path / "images" / name, seed=number, size=(200, 100) if number % 2 else (20, 12))
    (tmp_path / "images/broken.jpg").write_bytes(b"no image")
    return modelled(tmp_path / "birds", tmp_path / "images", LABELS)


def words(page: str) -> str:
    """The text of a page, without styles and scripts."""
    body = re.sub(r"<(style|script)[^>]*>.*?</\1>", "", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).replace("\u00a0", " ").split())


def test_the_page_answers_first_and_says_which_kind_of_answer_it_is(birds: Project) -> None:
    said = words(model_page(birds))
    assert "50.0 %" in said and "names about 50 right; with 90 % confidence between 25 and 75." in said
    assert "estimate from the labelled images" in said and "fact audit . --images 30" in said
    assert "24 of 40 images, 3 classes" in said and "24 more: +7.0 points (+1.0 to +10.0)" in said
    assert "Beware: Fewer than 5 labels for cat" in said
    assert said.index("Beware") < said.index("Every labelled image was held out once")


def test_an_audit_is_said_to_be_measured(birds: Project) -> None:
    own = {"accuracy": 0.8, "low": 0.7, "high": 0.9, "level": 0.9, "labelled": 30, "asked": 30, "right": 24}
    publish_record(birds.model / "audit.json", {**own, "gone": 0, "learnt_groups": 0, "unknown": 0})
    said = words(model_page(birds))
    assert "Measured on 30 images drawn at random" in said and "names 80 right" in said
    assert "fact audit . --images" not in said


def test_without_a_held_out_image_nothing_is_made_up(birds: Project) -> None:
    record = read_record(birds.model / "estimate.json") | dict.fromkeys(("accuracy", "low", "high"))
    publish_record(birds.model / "estimate.json", record)
    shutil.rmtree(birds.model / "validation")
    said = words(model_page(birds))
    assert "How good the model is is not known" in said and "validation are away" in said


def test_every_image_is_embedded_once_and_those_in_view_without_a_script(birds: Project) -> None:
    page = model_page(birds)
    kept = json.loads(re.search(r'id="kept">(.*?)</script>', page)[1])
    placed = re.findall(r'<img[^>]* data-picture="(\d+)"[^>]* src="(data:[^"]+)"', page)
    sources = [source for _, source in placed] + list(kept.values())
    assert len(sources) == len(set(sources)) == page.count("data:image/jpeg") == len(NAMES)
    assert not {number for number, _ in placed} & kept.keys()
    numbers = set(re.findall(r'data-picture="(\d+)"', page))
    assert numbers == {number for number, _ in placed} | kept.keys()
    view = page.split('id="doubtful"')[1]
    without = re.findall(r'<img[^>]* data-picture="(\d+)"(?![^>]* src=)[^>]*>', view)
    assert set(without) <= {number for number, _ in placed}


def test_small_images_keep_their_pixels_and_large_ones_are_made_small(birds: Project) -> None:
    sizes = set(re.findall(r'<img( class="small")? [^>]*width="(\d+)" height="(\d+)"', model_page(birds)))
    assert sizes == {("", "160", "80"), (' class="small"', "20", "12")}


def test_sections_without_anything_say_so_in_a_line(tmp_path: Path, write_image: Callable[..., Path]) -> None:
    for number, name in enumerate(NAMES[:8]):
        write_image(tmp_path / "images" / name, seed=number)
    labels = {name: ("cat", "dog")[number % 2] for number, name in enumerate(NAMES[:8])}
    said = words(model_page(modelled(tmp_path / "birds", tmp_path / "images", labels, right=1.0)))
    assert said.count("Every image of the pool has a label.") == 2
    assert "No label is contradicted" in said and "None: all 8 files are used." in said
    assert "Rounds of labels" not in said


def test_files_commands_and_exports(birds: Project) -> None:
    page = model_page(birds)
    said = words(page)
    assert "1 unreadable" in said and "broken.jpg unreadable" in said
    place = "results/models/own/vit_digits"
    assert f"fact predict {place} FOLDER --out predictions.csv" in said
    assert f"fact.load_model('{place}')" in said and f'href="{place}/README.md"' in page
    assert "model.safetensors , config.json" in said and "model.onnx" not in said
    (birds.model / "model.onnx").write_bytes(b"")
    assert "model.onnx" in words(model_page(birds))
    # the page may be given to others: it does not say where the project lies
    assert str(birds.folder.parent) not in page


def test_several_rounds_are_a_table(birds: Project) -> None:
    for number in (1, 2):
        about = {"round": number, "labels": 10 * number, "weights_sha256": "0", "source": "cross-validation"}
        about |= {"accuracy": 0.3 * number, "low": 0.1, "high": 0.9}
        publish_record(birds.folder / f"rounds/{number}/round.json", about)
    page = model_page(birds)
    assert "2 20 60.0 % (10.0 to 90.0), estimated card" in words(page) and 'href="rounds/2/README.md"' in page


def test_it_is_written_once_and_again_where_it_is_missing_or_would_differ(birds: Project) -> None:
    path = keep_page(birds)
    assert path == birds.folder / "report.html" and path.read_text("utf-8") == model_page(birds)
    state, content = (path.stat().st_ino, path.stat().st_mtime_ns), path.read_bytes()
    keep_page(birds)
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == state
    path.unlink()
    keep_page(birds)
    assert path.read_bytes() == content
    estimate = birds.model / "estimate.json"
    publish_record(estimate, read_record(estimate) | {"accuracy": 0.6})
    keep_page(birds)
    assert "60.0 %" in words(path.read_text("utf-8"))


def test_a_page_that_was_cut_or_is_none_is_written_again(birds: Project) -> None:
    path = keep_page(birds)
    whole = path.read_bytes()
    for content in (b"", b"\xff\xfe", whole[:200]):
        path.write_bytes(content)
        assert keep_page(birds).read_bytes() == whole


def test_images_that_vanished_or_changed_have_a_place_that_says_so(
    birds: Project, write_image: Callable[..., Path]
) -> None:
    path = keep_page(birds)
    whole = path.read_text("utf-8")
    (birds.images / NAMES[30]).unlink()
    write_image(birds.images / NAMES[31], seed=99)
    os.utime(birds.images / NAMES[31], (1, 1))
    (birds.images / NAMES[32]).write_bytes(b"damaged")
    page = keep_page(birds).read_text("utf-8")
    assert page.count("data:image/jpeg") == whole.count("data:image/jpeg") - 3
    assert page.count('class="away"') >= 3 and NAMES[30] in page
    shutil.rmtree(birds.images)
    assert "data:image/jpeg" not in keep_page(birds).read_text("utf-8")


def test_a_moved_project_has_the_same_page(birds: Project, tmp_path: Path) -> None:
    before = keep_page(birds).read_bytes()
    moved = tmp_path / "elsewhere/birds"
    moved.parent.mkdir()
    shutil.move(birds.folder, moved)
    assert keep_page(open_project(moved)).read_bytes() == before


def test_an_image_that_left_the_pool_is_no_hindrance(birds: Project) -> None:
    for name in (NAMES[1], NAMES[30]):
        (birds.images / name).unlink()
    write_manifest(birds.index, own_images.index(birds.images, test=None))
    assert 'class="away"' in model_page(birds)


@pytest.mark.slow
def test_many_classes_and_noise_stay_within_the_limit(
    tmp_path: Path, write_image: Callable[..., Path]
) -> None:
    names = [f"{number:03}.png" for number in range(420)]
    for number, name in enumerate(names):
        write_image(tmp_path / "images" / name, seed=number, size=(160, 160))
    labels = {name: f"{number % 50} {'x' * 300}" for number, name in enumerate(names[:200])}
    page = model_page(modelled(tmp_path / "birds", tmp_path / "images", labels))
    assert 4_000_000 < len(page.encode()) < LIMIT and "most frequent confusions of 50 classes" in page
    assert page.count("data:image/jpeg") > 250
