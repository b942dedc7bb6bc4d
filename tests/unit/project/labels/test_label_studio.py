import json
from pathlib import Path
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree

import pytest
from fact.project.labels.flat_record import choice_names
from fact.project.labels.label_studio import SERVED, label_config, task, write_label_studio
from fact.project.labels.read_votes import read_votes
from hypothesis import given
from hypothesis import strategies as st
from odd_names import CLASS_NAMES, IDS, RAW

TIME = "2026-01-02T03:04:05.000000Z"


def annotation(choices: list[str], who: int = 1, when: str = TIME, cancelled: bool = False) -> dict:
    """An annotation as Label Studio exports it."""
    result = {
        "id": "r",
        "from_name": "choice",
        "to_name": "image",
        "type": "choices",
        "value": {"choices": choices},
    }
    return {
        "id": 5,
        "result": [result] if choices else [],
        "was_cancelled": cancelled,
        "completed_by": who,
        "updated_at": when,
    }


def exported(path: Path, records: object) -> Path:
    path.write_text(json.dumps(records))
    return path


def handed_out(folder: Path, classes: list[str]) -> list[dict]:
    write_label_studio(folder, dict(zip(IDS, IDS, strict=True)), classes, "pool")
    return json.loads((folder / "tasks.json").read_text())


def test_tasks_come_back_as_json(tmp_path):
    tasks = handed_out(tmp_path, ["cat"])
    records = [
        {"id": number, **task, "annotations": [annotation(["cat"])]} for number, task in enumerate(tasks)
    ]
    votes = read_votes(exported(tmp_path / "back.json", records))
    assert [(vote.sample_id, vote.choices, vote.annotator) for vote in votes] == [
        (name, ("cat",), "1") for name in IDS
    ]


def test_tasks_come_back_as_json_min(tmp_path):
    flat = {"choice": "cat", "annotator": 1, "annotation_id": 2, "updated_at": TIME, "lead_time": 1.0}
    records = [
        {"id": number, **task["data"], **flat} for number, task in enumerate(handed_out(tmp_path, ["cat"]))
    ]
    votes = read_votes(exported(tmp_path / "back.json", records))
    assert [(vote.sample_id, vote.choices) for vote in votes] == [(name, ("cat",)) for name in IDS]


def test_an_image_is_served_by_the_bytes_of_its_name(tmp_path):
    served = [task["data"]["image"].removeprefix(SERVED) for task in handed_out(tmp_path, ["cat"])]
    assert [unquote_to_bytes(name) for name in served] == [b"pool/" + name for name in RAW]
    assert all(name.isascii() and not set(name) & set(" #?&+\"'<>") for name in served)


def test_the_keys_of_a_task_do_not_meet_those_of_an_export():
    assert set(task("a", "a.jpg")["data"]) == {"image", "sample_id", "path"}


@pytest.mark.parametrize("path", ["../x.jpg", "a/../../x.jpg", "/etc/passwd", "bytes:%2E./x.jpg"])
def test_a_path_cannot_leave_the_image_folder(path):
    with pytest.raises(ValueError, match="leaves the image folder"):
        task("a", path, "pool")


@given(st.lists(CLASS_NAMES, unique=True, min_size=1))
def test_any_class_is_in_the_interface(classes):
    choices = ElementTree.fromstring(label_config(classes)).iter("Choice")
    assert [choice.get("value") for choice in choices] == classes


def test_a_class_that_xml_cannot_hold_is_refused():
    with pytest.raises(ValueError, match="XML cannot hold"):
        label_config(["a\x01"])


def test_cancelled_empty_several_and_bare_tasks_are_votes_too(tmp_path):
    annotations = [annotation(["cat"], cancelled=True), annotation([]), annotation(["cat", "dog"], who=2)]
    records = [
        {"data": {"sample_id": "a"}, "annotations": annotations},
        {"data": {"sample_id": "b"}, "annotations": []},
        {"data": {"image": "x"}, "annotations": [annotation(["cat"])]},
    ]
    votes = read_votes(exported(tmp_path / "back.json", records))
    assert [(vote.sample_id, vote.choices, vote.cancelled) for vote in votes] == [
        ("a", ("cat",), True),
        ("a", (), False),
        ("a", ("cat", "dog"), False),
        ("b", (), False),
        ("x", ("cat",), False),
    ]


def test_an_annotator_may_be_a_record(tmp_path):
    who = {**annotation(["cat"]), "completed_by": {"id": 7, "email": "a@b.c"}}
    (vote,) = read_votes(
        exported(tmp_path / "back.json", [{"data": {"sample_id": "a"}, "annotations": [who]}])
    )
    assert vote.annotator == "7"


def test_other_results_than_choices_are_passed_over(tmp_path):
    both = annotation(["cat"])
    both["result"].append({"type": "textarea", "value": {"text": ["unsure"]}})
    (vote,) = read_votes(
        exported(tmp_path / "back.json", [{"data": {"sample_id": "a"}, "annotations": [both]}])
    )
    assert vote.choices == ("cat",)


@pytest.mark.parametrize(
    ("value", "names"),
    [
        (None, []),
        ("cat", ["cat"]),
        ('{"choices": ["a", "b"]}', ["a", "b"]),
        ('{"choices" of words', ['{"choices" of words']),
        (["a", "b"], ["a", "b"]),
        ([{"choices": ["a"]}, {"choices": ["b"]}], ["a", "b"]),
    ],
)
def test_choices_are_read_in_any_of_their_forms(value, names):
    assert choice_names(value, "here") == names


@pytest.mark.parametrize(
    ("records", "words"),
    [
        ("text", "holds no labels"),
        ([1], "no list of tasks"),
        ([{"data": 1}], "record 1: is no task"),
        ([{"data": {"sample_id": "a"}, "annotations": [{}]}], "record 1: is no task"),
        ([{"sample_id": "a", "choice": 3}], "no class name"),
    ],
)
def test_what_is_no_export_is_refused(tmp_path, records, words):
    with pytest.raises(ValueError, match=words):
        read_votes(exported(tmp_path / "back.json", records))


def test_broken_json_is_refused(tmp_path):
    (tmp_path / "back.json").write_text('[{"data":')
    with pytest.raises(ValueError, match="cannot be read as JSON"):
        read_votes(tmp_path / "back.json")


def test_half_a_character_is_refused(tmp_path):
    with pytest.raises(ValueError, match="lone surrogate"):
        read_votes(exported(tmp_path / "back.json", [{"sample_id": "a", "choice": "\ud800"}]))


def results(*values: tuple[str, object]) -> list[dict]:
    """A task with one annotation that has these results."""
    result = [{"type": kind, "value": value} for kind, value in values]
    return [{"data": {"sample_id": "a"}, "annotations": [{"result": result}]}]


def test_completions_of_old_versions_are_read(tmp_path):
    task = results(("choices", {"choices": ["cat"]}))[0]
    task["completions"] = task.pop("annotations")
    (vote,) = read_votes(exported(tmp_path / "back.json", [task]))
    assert (vote.sample_id, vote.choices) == ("a", ("cat",))


@pytest.mark.parametrize(("second", "choices"), [("cat", ("cat",)), ("dog", ("cat", "dog"))])
def test_boxes_stand_for_a_class_where_nothing_is_chosen(tmp_path, second, choices):
    boxes = [("rectanglelabels", {"x": 1, "rectanglelabels": [name]}) for name in ("cat", second)]
    (vote,) = read_votes(exported(tmp_path / "back.json", results(*boxes)))
    assert vote.choices == choices
    both = results(*boxes, ("choices", {"choices": ["owl"]}))
    assert read_votes(exported(tmp_path / "back.json", both))[0].choices == ("owl",)


@pytest.mark.parametrize(
    "records",
    [
        results(("taxonomy", {"taxonomy": [["animal", "cat"]]})),
        results(("rating", {"rating": 4})),
        [{"sample_id": "a", "taxonomy": [["animal", "cat"]]}],
        [{"sample_id": "a", "rating": 4}],
    ],
)
def test_a_taxonomy_or_a_rating_alone_is_named_with_the_remedy(tmp_path, records):
    with pytest.raises(
        ValueError, match=r"holds a (taxonomy|rating) and no choice .*Choices of label_config"
    ):
        read_votes(exported(tmp_path / "back.json", records))


def test_a_rating_beside_a_choice_is_passed_over(tmp_path):
    records = results(("rating", {"rating": 4}), ("choices", {"choices": ["cat"]}))
    records += results(("rating", {"rating": 2}))
    assert [vote.choices for vote in read_votes(exported(tmp_path / "back.json", records))] == [("cat",), ()]
