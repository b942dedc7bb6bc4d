import csv
from pathlib import Path

import numpy as np
import pytest
from fact.data.selection_file import write_selection
from fact.data.sources import digits
from fact.infra.errors import ConfigError, DataError, LabelError
from fact.infra.files.record import publish_record
from fact.project.labelling.mark import read_mark
from fact.project.labelling.selection_task import SelectionPlace, selection_task, write_labels_of
from fact.project.labelling.session import LabelSession
from label_tasks import sent
from PIL import Image

PALETTE = [0, 0, 0, 255, 0, 0]


@pytest.fixture
def place(tmp_path: Path) -> SelectionPlace:
    for folder in ("images", "masks"):
        (tmp_path / folder).mkdir()
    for name in ("a", "b"):
        Image.fromarray(np.full((20, 30, 3), 99, np.uint8)).save(tmp_path / f"images/{name}.jpg")
    mask = Image.fromarray(np.eye(20, dtype=np.uint8), "P")
    mask.putpalette(PALETTE)
    mask.save(tmp_path / "masks/a.png")
    Image.fromarray(np.full((20, 30), 255, np.uint8)).save(tmp_path / "masks/b.png")
    (tmp_path / "chosen.csv").write_text("rank,sample_id,path,score\n1,x,a.jpg,0\n2,y,b.jpg,0\n")
    return SelectionPlace(tmp_path / "chosen.csv", tmp_path / "images", tmp_path / "labels.csv")


def record(session: LabelSession, number: int, choice: str) -> None:
    session.record([read_mark(sent(session.task, number, choice), session.task)])


def test_labels_of_a_selection_become_a_table(place: SelectionPlace) -> None:
    session = LabelSession(selection_task(place))
    record(session, 1, "owl")
    record(session, 0, "hawk")
    write_labels_of(place, session)
    with place.out.open() as file:
        assert list(csv.reader(file)) == [["sample_id", "label"], ["x", "hawk"], ["y", "owl"]]
    assert place.journal.read_text().count("\n") == 2


def test_without_a_label_nothing_is_written(place: SelectionPlace) -> None:
    assert write_labels_of(place, LabelSession(selection_task(place))) is None
    assert not place.out.exists()


def test_masks_are_shown_in_their_colours_and_checked(place: SelectionPlace) -> None:
    task = selection_task(place._replace(masks=place.images.parent / "masks"))
    assert task.classes == ("right", "wrong")
    shown = task.read_mask(task.images[0])
    assert shown.shape == (20, 20, 3) and (shown[0, 0] == [255, 0, 0]).all() and (shown[0, 1] == 0).all()
    assert (task.read_mask(task.images[1]) == 0).all(), "ignored pixels are black"
    with pytest.raises(LabelError, match="heron"):
        record(LabelSession(task), 0, "heron")


def test_a_missing_mask_is_named(place: SelectionPlace) -> None:
    task = selection_task(place._replace(masks=place.images.parent / "masks"))
    (place.images.parent / "masks/a.png").unlink()
    with pytest.raises(DataError, match=r"a\.png"):
        task.read_mask(task.images[0])


def test_a_path_that_leaves_the_folder_is_not_read(place: SelectionPlace) -> None:
    place.selection.write_text("rank,sample_id,path,score\n1,x,../chosen.csv,0\n")
    task = selection_task(place)
    with pytest.raises(ValueError, match=r"chosen\.csv"):
        task.read_image(task.images[0])


def test_a_selection_of_the_workflow_is_read_from_its_source(tmp_path: Path) -> None:
    publish_record(tmp_path / "results/sources/digits/source.json", {"source": "digits", "root": None})
    selection = tmp_path / "results/selections/digits/vit_letters/random/2img/seed0.csv"
    rows = digits.index().rows.head(2)
    write_selection(selection, rows, [0.0, 0.0])
    task = selection_task(SelectionPlace(selection, None, tmp_path / "labels.csv"))
    for image, locator in zip(task.images, rows["locator"], strict=True):
        assert (task.read_image(image) == digits.read_image(None, locator)).all()


def test_a_selection_of_ones_own_needs_the_folder_of_its_images(place: SelectionPlace) -> None:
    with pytest.raises(ConfigError, match="--images"):
        selection_task(place._replace(images=None))


def test_a_folder_that_is_not_there_is_named(place: SelectionPlace) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        selection_task(place._replace(images=Path("nowhere")))
