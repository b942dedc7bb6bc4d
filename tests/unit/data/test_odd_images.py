from fact.data.odd_images import SHOWN, odd_images

FILES = {
    "a.jpg": ("used", ""),
    "b.jpg": ("used", "dark, tiny"),
    "c.jpg": ("duplicate", "near copy of a.jpg"),
    "d.jpg": ("duplicate", "near copy of test//cat/x.jpg"),
    "e.jpg": ("duplicate", "near copy of a.jpg"),
    "f.jpg": ("duplicate", "duplicate of a.jpg"),
    "g.jpg": ("unreadable", "file is empty (0 bytes)"),
}


def test_each_kind_has_its_images_and_copies_stand_behind_their_original() -> None:
    assert odd_images(FILES) == {
        "test images, each with its near copies, which are not in the pool": [
            "test//cat/x.jpg",
            "d.jpg",
        ],
        "images, each with its near copies, which share its label": ["a.jpg", "c.jpg", "e.jpg"],
        "dark": ["b.jpg"],
        "tiny": ["b.jpg"],
    }


def test_of_many_the_first_are_shown() -> None:
    found = odd_images({f"{row:03d}.jpg": ("used", "blurred") for row in range(100)})
    assert found == {"blurred": [f"{row:03d}.jpg" for row in range(SHOWN)]}


def test_an_ordinary_pool_has_none() -> None:
    assert odd_images({"a.jpg": ("used", ""), "b.txt": ("ignored", "not an image extension")}) == {}
