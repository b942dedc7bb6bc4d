import pandas as pd
from fact.report.page.album import images_behind, make_albums

MANIFEST = pd.DataFrame(
    {
        "sample_id": ["a", "b", "c", "d"],
        "split": ["pool", "pool", "test", "test"],
        "label": pd.array([1, None, 0, 1], "Int64"),
    }
)


def test_pictures_of_all_datasets_are_numbered_once():
    albums, shown = make_albums(
        {"one": {"a": "A", "c": "C"}, "two": {"a": "X"}}, {"one": MANIFEST, "two": MANIFEST}
    )
    assert shown == [("A", "a"), ("C", "c"), ("X", "a")]
    assert albums["one"].numbers == {"a": 0, "c": 1} and albums["two"].numbers == {"a": 2}
    assert albums["one"].labels.to_dict() == {"a": 1, "b": -1} and albums["one"].test_ids == ["c", "d"]


def test_rows_of_all_records_become_pictures_where_there_are_some():
    albums, _ = make_albums({"one": {"c": "C", "d": "D"}}, {"one": MANIFEST})
    records = [{"confused": ["0>1: 0", "1>0: 7"]}, {"confused": ["0>1: 1 0"]}, {}]
    assert images_behind(records, albums["one"]) == {(0, 1): [0, 1]}
