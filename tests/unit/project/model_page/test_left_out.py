"""Files that are not used, on the page."""

from fact.project.model_page.left_out import SHOWN, left_out


def test_files_are_counted_and_the_unreadable_come_first() -> None:
    files = {
        "a.jpg": ("used", "dark"),
        "b.txt": ("ignored", "no image by its name"),
        "c.jpg": ("unreadable", "file is empty (0 bytes)"),
        "d.jpg": ("duplicate", "copy of a.jpg"),
    }
    found = left_out(files)
    assert found.used == 1 and found.counts == {"unreadable": 1, "ignored": 1, "duplicate": 1}
    assert [row[0] for row in found.rows] == ["c.jpg", "b.txt", "d.jpg"] and found.more == 0


def test_of_many_files_the_first_are_shown() -> None:
    found = left_out({f"{number}.txt": ("ignored", "no image") for number in range(SHOWN + 7)})
    assert len(found.rows) == SHOWN and found.more == 7 and found.used == 0
