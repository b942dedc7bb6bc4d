import pytest
from fact.data.labels_file import read_labels, write_labels
from fact.data.selection_file import read_already_labelled
from fact.infra.files.record import read_record
from hypothesis import given
from hypothesis import strategies as st
from odd_names import CLASS_NAMES, SAMPLE_IDS


@given(SAMPLE_IDS, st.data())
def test_labels_come_back(tmp_path_factory, ids, data):
    path = tmp_path_factory.mktemp("labels") / "labels.csv"
    labels = {name: data.draw(CLASS_NAMES) for name in ids}
    write_labels(path, labels)
    assert list(read_labels(path).items()) == list(labels.items())
    assert read_already_labelled(path) == ids


def test_the_record_says_where_labels_came_from(tmp_path):
    write_labels(tmp_path / "labels.csv", {"a": "cat"}, {"policy": "majority"})
    assert read_record(tmp_path / "labels.json")["policy"] == "majority"


def test_equal_labels_give_equal_bytes(tmp_path):
    for name in ("x.csv", "y.csv"):
        write_labels(tmp_path / name, {"a": "cat", "b": "dog"})
    assert (
        (tmp_path / "x.csv").read_bytes()
        == (tmp_path / "y.csv").read_bytes()
        == b"sample_id,label\na,cat\nb,dog\n"
    )


def test_an_edited_list_is_refused_unless_its_record_is_gone(tmp_path):
    path = tmp_path / "labels.csv"
    write_labels(path, {"a": "cat"})
    path.write_text("sample_id,label\na,dog\n")
    with pytest.raises(ValueError, match="damaged or edited"):
        read_labels(path)
    path.with_suffix(".json").unlink()
    assert read_labels(path) == {"a": "dog"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "columns"),
        ("sample_id,path,label\na,a,cat\n", "columns"),
        ("sample_id,label\n", "no label"),
        ("sample_id,label\na,\n", "row 1"),
        ("sample_id,label\na,cat,x\n", "row 1"),
        ("sample_id,label\na,cat\na,dog\n", "labels a twice"),
        ('sample_id,label\n"a,cat\n', "cannot be read as CSV"),
    ],
)
def test_what_is_no_list_of_labels_is_refused(tmp_path, content, words):
    (tmp_path / "labels.csv").write_text(content)
    with pytest.raises(ValueError, match=words):
        read_labels(tmp_path / "labels.csv")
