from fact.data.grouping import write_groups
from fact.model.apart import apart_mask, read_grouped


def test_images_of_a_group_with_a_label_are_not_apart(tmp_path) -> None:
    write_groups(tmp_path / "groups.csv", {"a": "1", "b": "1", "c": "2", "d": "2"})
    files = [str(tmp_path / "groups.csv")]
    grouped = read_grouped(["b", "c", "d", "e"], {"a": "cat", "e": "dog"}, files)
    assert apart_mask(["b", "c", "d", "e"], grouped).tolist() == [False, True, True, False]


def test_without_groups_all_are_apart() -> None:
    assert read_grouped(["a"], ["b"], []) is None
    assert apart_mask(["a", "b"], None).tolist() == [True, True]
