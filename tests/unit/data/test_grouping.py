import pytest
from fact.data.grouping import group_images, names_of_groups, read_groups, read_table, write_groups
from fact.infra.errors import ConfigError
from odd_names import IDS

IMAGES = ["t1/0001.png", "t1/0002.png", "t2/0001.png", "x_7.png"]


@pytest.mark.parametrize(
    "groups, found",
    [
        ("folder", {"t1/0001.png": "t1", "t1/0002.png": "t1", "t2/0001.png": "t2", "x_7.png": "."}),
        (r"^(t\d)/", {"t1/0001.png": "t1", "t1/0002.png": "t1", "t2/0001.png": "t2"}),
        (r"^t(\d)/0*(\d)", {"t1/0001.png": "1/1", "t1/0002.png": "1/2", "t2/0001.png": "2/1"}),
    ],
)
def test_groups_by_folder_and_by_pattern(groups, found):
    assert group_images(IMAGES, groups) == found


@pytest.mark.parametrize("column", ["sample_id", "path", "file_name", "filename", "image"])
def test_groups_by_the_column_of_a_table(tmp_path, column):
    table = tmp_path / "tracks.csv"
    rows = "t1/0001.png,a\n./t1/0002.png,a\nt2\\0001.png,b\nx_7.png,\nnowhere.png,c\n"
    table.write_text(f"{column},track\n{rows}")
    groups = f"{table}:track"
    assert group_images(IMAGES, groups, read_table(table, "track")) == {
        "t1/0001.png": "a",
        "t1/0002.png": "a",
        "t2/0001.png": "b",
    }


def test_a_name_of_two_images_is_no_image(tmp_path):
    table = tmp_path / "tracks.csv"
    table.write_text("path,track\n0001.png,a\n0002.png,b\n")
    assert group_images(IMAGES, f"{table}:track", read_table(table, "track")) == {"t1/0002.png": "b"}


@pytest.mark.parametrize(
    "header, said", [("path,place", "needs 'track'"), ("photo,track", "one of"), ("path;track", "commas")]
)
def test_a_table_that_cannot_be_used_is_named(tmp_path, header, said):
    table = tmp_path / "tracks.csv"
    table.write_text(f"{header}\nx_7.png,a\n")
    with pytest.raises(ConfigError, match=said):
        group_images(IMAGES, f"{table}:track", read_table(table, "track"))


def test_groups_that_hold_nothing_apart_are_refused():
    with pytest.raises(ConfigError, match="none of 4 images"):
        group_images(IMAGES, "(nothing)")
    with pytest.raises(ConfigError, match="into one group"):
        group_images(IMAGES, r"\.(png)$")


def test_groups_come_back_and_name_each_image(tmp_path):
    groups = {name: f"={row % 3}" for row, name in enumerate(IDS[:-1])}
    write_groups(tmp_path / "groups.csv", groups)
    assert read_groups(tmp_path / "groups.csv") == groups
    names = names_of_groups(IDS, [str(tmp_path / "groups.csv")])
    assert names[:4] == ["group =0", "group =1", "group =2", "group =0"]
    assert names.count(names[-1]) == 1, "an image without a group is one by itself"


def test_an_image_without_a_group_never_joins_a_group_of_its_name(tmp_path):
    write_groups(tmp_path / "groups.csv", {"a": "b"})
    assert len(set(names_of_groups(["a", "b"], [str(tmp_path / "groups.csv")]))) == 2
    assert names_of_groups(["a", "b"], []) is None
