import os
import shutil
from collections.abc import Callable
from pathlib import Path

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
