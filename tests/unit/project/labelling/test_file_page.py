import json
import re
from pathlib import Path

import pytest
from fact.project.labelling import file_page
from fact.project.labelling.file_page import write_label_page
from label_tasks import make_task


def data(path: Path) -> dict:
    [text] = re.findall(r'<script type="application/json" id="data">(.*?)</script>', path.read_text("utf-8"))
    return json.loads(text)


def test_images_are_in_the_page(tmp_path: Path) -> None:
    task = make_task(tmp_path / "images", ["a.png", "b.png"], classes=["owl"])
    write_label_page(tmp_path / "out/label.html", task, [0, 1], "birds")
    found = data(tmp_path / "out/label.html")
    assert [image["sample_id"] for image in found["images"]] == ["a.png", "b.png"]
    assert all(image["whole"].startswith("data:image/png;base64,") for image in found["images"])
    assert found["classes"] == ["owl"] and found["images"][0]["seen"]["part"][3] == 1.0
    assert not (tmp_path / "out/label_images").exists()


def test_many_images_lie_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_page, "EMBEDDED_BYTES", 100)
    task = make_task(tmp_path / "images", ["a.png", "b.png"])
    write_label_page(tmp_path / "out/label.html", task, [0, 1], "birds")
    for image in data(tmp_path / "out/label.html")["images"]:
        assert (tmp_path / "out" / image["whole"]).read_bytes().startswith(b"\x89PNG")
    assert "img-src data: file:" in (tmp_path / "out/label.html").read_text("utf-8")


def test_an_image_that_is_gone_is_left_out(tmp_path: Path) -> None:
    task = make_task(tmp_path / "images", ["a.png", "b.png"])
    (tmp_path / "images/a.png").unlink()
    write_label_page(tmp_path / "label.html", task, [0, 1], "birds")
    assert [image["sample_id"] for image in data(tmp_path / "label.html")["images"]] == ["b.png"]


def test_the_same_images_give_the_same_page(tmp_path: Path) -> None:
    task = make_task(tmp_path / "images", ["a.png", "b.png"])
    for name in ("one.html", "two.html"):
        write_label_page(tmp_path / name, task, [0, 1], "birds")
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()
