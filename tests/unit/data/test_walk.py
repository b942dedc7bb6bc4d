import os
from pathlib import Path

import pytest
from fact.data.walk import HIDDEN, LOOP, NOT_AN_IMAGE, TO_CONVERT, is_loop, walk_images


def touch(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()


def test_finds_images_at_any_depth_in_a_fixed_order(tmp_path: Path) -> None:
    touch(tmp_path, "b.JPG", "a/z.tiff", "a/deep/er/x.webp", "a/c.png")
    assert walk_images(tmp_path).images == ["a/c.png", "a/deep/er/x.webp", "a/z.tiff", "b.JPG"]
    assert walk_images(tmp_path, "a").images == ["a/c.png", "a/deep/er/x.webp", "a/z.tiff"]


def test_other_files_and_hidden_ones_are_listed(tmp_path: Path) -> None:
    touch(
        tmp_path, "notes.txt", "photo.heic", ".DS_Store", "._a.jpg", ".git/x.png", "__MACOSX/a.png", "a.png"
    )
    walk = walk_images(tmp_path)
    assert walk.images == ["a.png"]
    hidden = [(name, HIDDEN) for name in (".DS_Store", "._a.jpg", ".git", "__MACOSX")]
    assert walk.problems == [*hidden, ("notes.txt", NOT_AN_IMAGE), ("photo.heic", TO_CONVERT)]


def test_odd_names_are_kept(tmp_path: Path) -> None:
    names = [
        "a b.png",
        'it\'s "q".png',
        "new\nline.png",
        "🐈.png",
        "<script>.png",
        os.fsdecode(b"caf\xe9.png"),
    ]
    touch(tmp_path, *names)
    assert walk_images(tmp_path).images == sorted(names)


def test_links_to_files_and_folders_elsewhere_are_followed(tmp_path: Path) -> None:
    touch(tmp_path, "elsewhere/a.png", "root/b.png")
    (tmp_path / "root/linked").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "root/c.png").symlink_to(tmp_path / "elsewhere/a.png")
    assert walk_images(tmp_path / "root").images == ["b.png", "c.png", "linked/a.png"]


def test_link_to_an_enclosing_folder_is_a_problem(tmp_path: Path) -> None:
    touch(tmp_path, "cat/a.png", "dog/b.png")
    (tmp_path / "cat/up").symlink_to(tmp_path)
    (tmp_path / "cat/self").symlink_to(tmp_path / "cat")
    walk = walk_images(tmp_path, "cat")
    assert walk.images == ["cat/a.png"]
    assert walk.problems == [("cat/self", LOOP), ("cat/up", LOOP)]
    assert is_loop(tmp_path / "cat/up") and not is_loop(tmp_path / "cat")


def test_links_to_each_other_are_read_once(tmp_path: Path) -> None:
    touch(tmp_path, "root/one/a.png", "root/two/b.png")
    (tmp_path / "root/one/to_two").symlink_to(tmp_path / "root/two")
    (tmp_path / "root/two/to_one").symlink_to(tmp_path / "root/one")
    walk = walk_images(tmp_path / "root")
    assert [Path(path).name for path in walk.images] == ["a.png", "b.png"]
    assert {reason for _, reason in walk.problems} == {LOOP}


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read every folder")
def test_unreadable_folder_is_a_problem(tmp_path: Path) -> None:
    touch(tmp_path, "shut/a.png", "b.png")
    (tmp_path / "shut").chmod(0)
    walk = walk_images(tmp_path)
    (tmp_path / "shut").chmod(0o700)
    assert walk.images == ["b.png"]
    assert walk.problems == [("shut", "folder cannot be read: Permission denied")]


def test_a_dot_in_front_of_a_members_path_hides_nothing() -> None:
    from fact.data.walk import is_image_path

    assert is_image_path("./n01440764_18.JPEG") and is_image_path("a/./b.png")
    assert not is_image_path("./._n01440764_18.JPEG") and not is_image_path("./__MACOSX/a.png")


def test_what_systems_leave_behind_is_hidden_everywhere() -> None:
    from fact.data.walk import is_hidden

    assert all(map(is_hidden, (".DS_Store", "Thumbs.db", "desktop.ini", "~$labels.xlsx", ".~lock.a.csv#")))
    assert not is_hidden("thumbs.png")
