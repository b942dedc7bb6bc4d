import os
import shutil
from collections.abc import Callable
from pathlib import Path

from fact.data.manifest import write_manifest
from fact.data.sources import own_images
from fact.project.changes import Changes, find_changes
from projects import selected


def test_new_gone_and_replaced_images_are_noticed(tmp_path: Path, write_image: Callable[..., Path]) -> None:
    images = tmp_path / "images"
    for number in range(5):
        write_image(images / f"{number}.png", seed=number)
    shutil.copy(images / "4.png", images / "4 (copy).png")
    (images / "notes.txt").touch()
    index = selected(tmp_path / "birds", images, ["0.png"]).index
    assert find_changes(images, index) == Changes([], [], [])
    (images / "0.png").touch()
    (images / "1.png").unlink()
    write_image(images / "2.png", seed=99)
    older = index.stat().st_mtime - 100
    shutil.copy(write_image(tmp_path / "other.png", seed=98), images / "3.png")
    os.utime(images / "3.png", (older, older))
    write_image(images / os.fsdecode(b"caf\xe9.png"), seed=97)
    assert find_changes(images, index) == Changes(["bytes:caf%E9.png"], ["1.png"], ["2.png", "3.png"])


def test_a_used_image_that_became_a_link_to_nothing_is_gone(tmp_path: Path, write_image) -> None:
    for name in ("a.png", "b.png"):
        write_image(tmp_path / "images" / name, seed=len(name) + ord(name[0]))
    write_manifest(tmp_path / "index", own_images.index(tmp_path / "images"))
    (tmp_path / "images/a.png").unlink()
    (tmp_path / "images/a.png").symlink_to(tmp_path / "nowhere.png")
    assert find_changes(tmp_path / "images", tmp_path / "index") == ([], ["a.png"], [])


def test_a_test_folder_below_the_images_is_not_new_for_ever(tmp_path: Path, write_image) -> None:
    images = tmp_path / "images"
    for number, name in enumerate(("a.png", "b.png", "test/x/c.png", "test/y/d.png")):
        write_image(images / name, seed=number)
    write_manifest(tmp_path / "index", own_images.index(images, test=str(images / "test")))
    assert find_changes(images, tmp_path / "index", images / "test") == ([], [], [])
