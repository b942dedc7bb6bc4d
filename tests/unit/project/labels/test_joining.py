"""A vote is joined to the one image that its name means, and to none where that is unclear."""

from pathlib import Path

import pytest
from fact.project.labels.joining import Joiner
from fact.project.labels.read_votes import read_votes
from fact.project.labels.vote import Vote

PATHS = {name: name for name in ("a/x.png", "b/x.png", "b/y z.png", "M\u00f6we.jpg")}


def test_a_vote_without_an_image_stays_as_it_is() -> None:
    vote = Vote("x.png", ("cat",), "a", "b")
    assert Joiner(PATHS).joined(vote) == vote


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("a.csv", "path,label\ny z.png,cat\n"),
        ("b.csv", "file_name;class\nb/y z.png;cat\n"),
        ("c.csv", "image\tcategory\nb/y z.png\tcat\n"),
        ("metadata.jsonl", '{"file_name": "y z.png", "label": "cat"}\n\n'),
        ("d.json", '[{"image": "/data/upload/1/9f3e21ab-y z.png", "choice": "cat"}]'),
        (
            "e.json",
            '[{"data": {"image": "/data/upload/1/9f3e21ab-y z.png"}, "annotations": [{"result": '
            '[{"type": "choices", "value": {"choices": ["cat"]}}]}]}]',
        ),
    ],
)
def test_tables_of_other_tools_name_images_their_own_way(tmp_path: Path, file: str, text: str) -> None:
    (tmp_path / file).write_text(text)
    (vote,) = map(Joiner(PATHS).joined, read_votes(tmp_path / file))
    assert (vote.sample_id, vote.choices) == ("b/y z.png", ("cat",))


def test_a_spreadsheet_is_named_with_its_remedy(tmp_path: Path) -> None:
    (tmp_path / "labels.xlsx").write_bytes(b"PK")
    with pytest.raises(ValueError, match="save it as CSV UTF-8"):
        read_votes(tmp_path / "labels.xlsx")


@pytest.mark.parametrize("name", ["export.zip", "labels.tar.gz"])
def test_an_archive_is_named_with_its_remedy(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"PK")
    with pytest.raises(ValueError, match="unpack it"):
        read_votes(tmp_path / name)
