import pytest
from fact.data.grouping import (
    group_images,
    group_numbers,
    groups_problem,
    read_groups,
    table_of,
    write_groups,
)
from fact.infra.errors import ConfigError
from odd_names import IDS

IMAGES = ["t1/0001.png", "t1/0002.png", "t2/0001.png", "x_7.png"]


@pytest.mark.parametrize(
    "groups, found",
    [
        ("folder", {"t1/0001.png": "t1", "t1/0002.png": "t1", "t2/0001.png": "t2", "x_7.png": "."}),
        (r"^(t\d)/", {"t1/0001.png": "t1", "t1/0002.png": "t1", "t2/0001.png": "t2"}),
        (
            r"^(?:t(\d)/)?\w*?(\d)\.png",
            {"t1/0001.png": "1/1", "t1/0002.png": "1/2", "t2/0001.png": "2/1", "x_7.png": "/7"},
        ),
    ],
)
def test_groups_by_folder_and_by_pattern(groups, found):
    assert groups_problem(groups) == ""
    assert group_images(IMAGES, groups) == found


@pytest.mark.parametrize("column", ["sample_id", "path", "file_name", "filename", "image"])
def test_groups_by_the_column_of_a_table(tmp_path, column):
    table = tmp_path / "tracks.csv"
    rows = "t1/0001.png,a\n./t1/0002.png,a\nt2\\0001.png,b\nx_7.png,\nnowhere.png,c\n"
    table.write_text(f"{column},track\n{rows}")
    groups = f"{table}:track"
    assert table_of(groups) == str(table)
    assert group_images(IMAGES, groups, table) == {"t1/0001.png": "a", "t1/0002.png": "a", "t2/0001.png": "b"}


def test_a_name_of_two_images_is_no_image(tmp_path):
    table = tmp_path / "tracks.csv"
    table.write_text("path,track\n0001.png,a\n0002.png,b\n")
    assert group_images(IMAGES, f"{table}:track", table) == {"t1/0002.png": "b"}


@pytest.mark.parametrize(
    "header, said", [("path,place", "needs 'track'"), ("photo,track", "one of"), ("path;track", "commas")]
)
def test_a_table_that_cannot_be_used_is_named(tmp_path, header, said):
    table = tmp_path / "tracks.csv"
    table.write_text(f"{header}\nx_7.png,a\n")
    with pytest.raises(ConfigError, match=said):
        group_images(IMAGES, f"{table}:track", table)


@pytest.mark.parametrize("groups", ["(", "track", "t\\d+", "tracks.xlsx:track"])
def test_what_is_none_of_the_forms_is_a_problem(groups):
    assert groups_problem(groups)


def test_groups_that_hold_nothing_apart_are_refused():
    with pytest.raises(ConfigError, match="none of 4 images"):
        group_images(IMAGES, "(nothing)")
    with pytest.raises(ConfigError, match="into one group"):
        group_images(IMAGES, r"\.(png)$")


def test_groups_come_back_and_are_numbered_in_order(tmp_path):
    groups = {name: f"={row % 3}" for row, name in enumerate(IDS[:-1])}
    write_groups(tmp_path / "groups.csv", groups)
    assert read_groups(tmp_path / "groups.csv") == groups
    numbers = group_numbers(IDS, groups)
    assert numbers[:4].tolist() == [0, 1, 2, 0]
    assert numbers[-1] == max(numbers), "an image without a group is one by itself"


def test_an_image_without_a_group_never_joins_a_group_of_its_name():
    assert group_numbers(["a", "b"], {"a": "b"}).tolist() == [0, 1]
