from pathlib import Path

import pytest
from fact.data.image_names import ImageNames

PATHS = {name: name for name in ("a/x.png", "b/x.png", "b/y z.png", "M\u00f6we.jpg")}


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("a/x.png", "a/x.png"),
        ("./a/x.png", "a/x.png"),
        ("a\\x.png", "a/x.png"),
        ("/photos/b/x.png", "b/x.png"),
        ("y z.png", "b/y z.png"),
        ("Mo\u0308we.jpg", "M\u00f6we.jpg"),
        ("/data/upload/1/9f3e21ab-y z.png", "b/y z.png"),
        ("/data/local-files/?d=photos/b/y%20z.png", "b/y z.png"),
        ("x.png", None),
        ("/data/upload/1/9f3e21ab-x.png", None),
        ("zzz.png", None),
        ("", None),
    ],
)
def test_a_name_means_one_image_or_none(name: str, found: str | None) -> None:
    assert ImageNames(PATHS, Path("/photos")).find(name) == found
