"""CVAT's annotations.xml: tags are classes, shapes where all of an image agree."""

from pathlib import Path

import pytest
from fact.project.labels.read_votes import read_votes


def exported(folder: Path, images: str) -> Path:
    path = folder / "annotations.xml"
    meta = "<version>1.1</version><meta><task><labels><label><name>cat</name></label></labels></task></meta>"
    path.write_text(f'<?xml version="1.0" encoding="utf-8"?>\n<annotations>{meta}{images}</annotations>\n')
    return path


BOX = '<box label="{}" xtl="0" ytl="0" xbr="5" ybr="5" occluded="0" z_order="0"></box>'


@pytest.mark.parametrize(
    ("marks", "choices"),
    [
        ('<tag label="cat" source="manual"><attribute name="sure">no</attribute></tag>', ("cat",)),
        ('<tag label="cat"/><tag label="dog"/>', ("cat", "dog")),
        ('<tag label="cat"/><tag label="cat"/>', ("cat",)),
        ('<tag label="cat"/>' + BOX.format("dog"), ("cat",)),
        (BOX.format("dog") + BOX.format("dog"), ("dog",)),
        (BOX.format("dog") + '<polygon label="cat" points="1,1;2,2;3,1"/>', ("dog", "cat")),
        ("", ()),
    ],
)
def test_what_is_marked_in_an_image_is_its_class(
    tmp_path: Path, marks: str, choices: tuple[str, ...]
) -> None:
    image = f'<image id="7" name="a/&quot;x&quot; &amp; y.jpg" width="8" height="8">{marks}</image>'
    (vote,) = read_votes(exported(tmp_path, image))
    assert (vote.sample_id, vote.choices, vote.annotator) == ('a/"x" & y.jpg', choices, "annotations.xml")
    assert vote.origin == "annotations.xml, image 7"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<annotation><object/></annotation>", "holds no <image> within <annotations>"),
        ("<annotation><image name='a'/></annotation>", "holds no <image> within <annotations>"),
        ("<annotations><track id='0' label='cat'/></annotations>", "tracks of a video"),
        ("<annotations><image id='0'/></annotations>", "has no name"),
        ("<annotations><image", "cannot be read as XML"),
        ("", "cannot be read as XML"),
    ],
)
def test_other_xml_is_refused_with_the_remedy(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "x.xml").write_text(text)
    with pytest.raises(ValueError, match=rf"{words}.*CVAT for images 1\.1"):
        read_votes(tmp_path / "x.xml")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="does not exist"):
        read_votes(tmp_path / "x.xml")
