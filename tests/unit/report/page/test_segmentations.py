import base64
import io
from pathlib import Path

import pytest
from fact.report.page.contents import report_page
from fact.report.page.segmentations import segmentations_section
from PIL import Image
from report_run import run_config, write_run
from segmented_run import SHOWN, write_picture


def test_the_picture_is_inside_the_page_and_says_what_it_shows(tmp_path: Path):
    write_picture(tmp_path / "a.png", 5)
    section = segmentations_section({"table7 · ade20k": tmp_path / "a.png"}, {"table7 · ade20k": "../a.html"})
    picture, links = section.parts
    assert picture.caption == f"table7 · ade20k, {SHOWN}: image, truth, FF, FACT"
    assert links.targets == {"table7 · ade20k": "../a.html"}
    kind, content = picture.source.split(",")
    assert kind == "data:image/webp;base64"
    with Image.open(io.BytesIO(base64.b64decode(content))) as shown:
        assert shown.size == (picture.width, picture.height) and shown.format == "WEBP"


def test_a_picture_of_unknown_content_is_refused(tmp_path: Path):
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png")
    with pytest.raises(ValueError, match=r"a\.png does not say what it shows; delete it and run again"):
        segmentations_section({"table7": tmp_path / "a.png"}, {})


def test_without_segmentations_there_is_a_line():
    section = segmentations_section({}, {})
    assert not section.parts and "No table" in section.missing


def test_a_run_of_segmentation_alone_has_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    run = {"tables": ["table7"], "datasets": ["ade20k"], "rows": None, "seeds": [0, 1], "report": []}
    config = run_config({"run": run})
    write_run(config, ["sky", "road"])
    text = report_page(config)
    assert "table7 · ade20k" in text and "../figures/table7-ade20k-panels.html" in text
    assert "fedcba9876543210" in text, "the code that made the scores"
    assert "mIoU" in text and "phase 2: tuning" in text
    assert (tmp_path / "results/figures/table7-ade20k-panels.html").parent.is_dir()
