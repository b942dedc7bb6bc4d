from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from fact.data.path_text import is_utf8
from fact.project.before import read_before
from fact.project.create import new_project
from fact.project.folder import open_project
from fact.project.settings import Asked
from hypothesis import given
from hypothesis import strategies as st
from projects import asked


@pytest.fixture
def images(tmp_path: Path, write_image: Callable[..., Path]) -> Path:
    for number in range(5):
        write_image(tmp_path / f"images/{number}.png", seed=number)
    return tmp_path / "images"


def test_the_configuration_is_valid_and_every_key_has_a_comment(tmp_path: Path, images: Path) -> None:
    assert new_project(tmp_path / "birds", asked(images), []) == (True, 5)
    text = (tmp_path / "birds/fact.yaml").read_text("utf-8")
    assert "#   snakemake --snakefile " in text
    project = open_project(tmp_path / "birds")
    assert project.images == images and project.cell[1:] == ("vit_digits", "activeft", "3img", 0)
    assert project.dataset["labels"] == "labels.csv" and project.labels == tmp_path / "birds/labels.csv"
    # where the run's own folder is another, the embedded weights are still found
    assert Path(project.config.backbones["vit_digits"]["weights"]).is_file()


def test_the_same_again_changes_nothing_and_other_words_are_refused(tmp_path: Path, images: Path) -> None:
    new_project(tmp_path / "birds", asked(images), [])
    config = tmp_path / "birds/fact.yaml"
    config.write_text(config.read_text() + "# mine\n")
    assert new_project(tmp_path / "birds", asked(images), []) == (False, 5)
    assert config.read_text().endswith("# mine\n")
    with pytest.raises(ValueError, match=r"fact\.yaml is there and says something else; edit it"):
        new_project(tmp_path / "birds", asked(images, budget="4img"), [])
    assert open_project(tmp_path / "birds").cell.budget == "3img"


@given(
    st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1).filter(
        lambda name: name.strip(".") and len(name.encode()) < 200
    )
)
def test_any_name_of_a_folder_comes_back_from_the_text(name: str) -> None:
    from fact.project.settings import config_text

    place = Path("/images") / name
    text = config_text(Path("/projects/birds"), asked(place), {"vit_digits": {"weights": None}})
    dataset = yaml.safe_load(text)["datasets"]["own"]
    assert is_utf8(text) and dataset["root"] == str(place) and dataset["labels"] == "labels.csv"


def test_a_local_folder_is_a_backbone(tmp_path: Path, images: Path) -> None:
    local = tmp_path / "a model; 1"
    local.mkdir()
    backbone = f"local-dir:{local}"
    with pytest.raises(FileNotFoundError, match=r"config\.json is not there; a local timm folder has"):
        new_project(tmp_path / "birds", asked(images, backbone=backbone), [])
    for name in ("config.json", "model.safetensors"):
        (local / name).touch()
    new_project(tmp_path / "birds", asked(images, backbone=backbone, image_size=96), [])
    project = open_project(tmp_path / "birds")
    assert project.cell.backbone == "a_model_1"
    entry = project.config.backbones["a_model_1"]
    assert entry["model"] == backbone and entry["image_size"] == 96


def wrong(**changes: object) -> Callable[[Path, Path], Asked]:
    return lambda folder, images: asked(images, **changes)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (wrong(backbone="resnet"), "--backbone resnet: declared are"),
        (wrong(budget="6img"), "means 6 of a pool of 5 images"),
        (wrong(budget="many"), "budget 'many' is not understood"),
        (lambda folder, images: asked(images / "none"), "none is no folder"),
        (lambda folder, images: asked(images, test=images), "keep images to measure on apart"),
        (lambda folder, images: asked(folder.parent), "lies in the folder of --images"),
        (wrong(already_labelled=Path("no.csv")), "no.csv"),
    ],
)
def test_what_cannot_be_used_is_said_and_nothing_is_written(
    tmp_path: Path, images: Path, change: Callable, words: str
) -> None:
    folder = tmp_path / "birds"
    with pytest.raises((ValueError, FileNotFoundError), match=words):
        new_project(folder, change(folder, images), [])
    assert not folder.exists()


def test_a_folder_without_images_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="holds no file that is an image by its name"):
        new_project(tmp_path / "birds", asked(tmp_path / "empty"), [])


def test_a_sheet_that_was_filled_in_is_gone_on_from(tmp_path: Path, images: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text('"sample_id";"path";"label"\n"0.png";"0.png";"cat"\n"1.png";"1.png";""\n')
    new_project(tmp_path / "birds", asked(images, already_labelled=sheet), ["cat", "dog"])
    project = open_project(tmp_path / "birds")
    assert read_before(project.before) == {"0.png": "cat"}
    assert (tmp_path / "birds/classes.txt").read_text() == "cat\ndog\n"


def test_without_a_project_the_remedy_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no fact\.yaml in .*; make it: fact new"):
        open_project(tmp_path)


def test_a_wrong_key_is_named_before_anything_runs(tmp_path: Path, images: Path) -> None:
    new_project(tmp_path / "birds", asked(images), [])
    config = tmp_path / "birds/fact.yaml"
    config.write_text(config.read_text().replace("transform: crop", "transform: stretch"))
    with pytest.raises(ValueError, match=r"datasets\.own\.transform"):
        open_project(tmp_path / "birds")


def test_a_list_of_another_folder_is_refused_before_any_work(tmp_path: Path, images: Path) -> None:
    sheet = tmp_path / "before.csv"
    sheet.write_text("sample_id,label\nelsewhere/x.png,cat\n")
    with pytest.raises(ValueError, match=r"elsewhere/x\.png, which is no image in .*1 of 1 are not"):
        new_project(tmp_path / "birds", asked(images, already_labelled=sheet), [])
    assert not (tmp_path / "birds/fact.yaml").exists()
