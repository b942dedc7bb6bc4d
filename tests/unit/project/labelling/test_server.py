import errno
import json
from pathlib import Path

import pytest
from fact.infra.errors import ConfigError
from fact.project.labelling.page import render_page
from fact.project.labelling.task import LabelTask
from fact.project.labels import journal
from label_tasks import Asked, make_task, sent

HOSTILE = "</script><img src=x onerror=alert(1)>.png"


@pytest.fixture
def asked(tmp_path: Path) -> Asked:
    return Asked(make_task(tmp_path / "images", ["a.png", "b.png"], classes=["owl"]))


def test_the_state_holds_what_the_page_shows(asked: Asked) -> None:
    asked.post("/marks", [sent(asked.session.task, 0, "owl")])
    state = asked.get("/state").json()
    assert [image[1] for image in state["images"]] == ["a.png", "b.png"]
    assert state["marks"] == [{"image": 0, "annotator": "anna", "kind": "label", "choice": "owl"}]
    assert (state["classes"], state["can_train"], state["masks"]) == (["owl"], False, False)


def test_marks_are_in_the_journal_when_they_are_said_to_be_saved(asked: Asked) -> None:
    marks = [sent(asked.session.task, 0, "owl"), sent(asked.session.task, 1, "hawk")]
    answer = asked.post("/marks", marks)
    assert answer.json() == {"saved": [mark["event"] for mark in marks]}
    assert asked.session.task.journal.read_text().count("\n") == 2
    assert asked.get("/state").json()["classes"] == ["owl", "hawk"]


@pytest.mark.parametrize("body", [{}, [1], [{}], "owl", [{"image": "x"}], [{"kind": "label"}] * 501])
def test_what_is_no_mark_is_refused_and_writes_nothing(asked: Asked, body: object) -> None:
    assert asked.post("/marks", body).status == 422
    assert not asked.session.task.journal.exists()


def test_what_is_no_json_is_refused(asked: Asked) -> None:
    for body in (b"", b"{", b"\xff"):
        assert asked.post("/marks", body).status == 400


def test_a_full_disk_says_so_and_takes_no_label(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(journal, "_write_all", full)
    answer = asked.post("/marks", [sent(asked.session.task, 0, "owl")])
    assert answer.status == 507 and b"No space left" in answer.body
    assert asked.get("/state").json()["marks"] == []


def test_images_come_by_their_key(asked: Asked) -> None:
    key = asked.session.task.images[0].key
    answer = asked.get(f"/image/{key}/thumbnail")
    assert answer.status == 200 and answer.body.startswith(b"\x89PNG")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert asked.get(f"/part/{key}").json()["part"][3] == 1.0
    assert asked.get(f"/image/{key}/huge").status == 422
    assert asked.get(f"/mask/{key}").status == 422


def test_an_image_that_vanished_is_told_by_its_name(asked: Asked, tmp_path: Path) -> None:
    (tmp_path / "images/a.png").unlink()
    answer = asked.get(f"/image/{asked.session.task.images[0].key}/whole")
    assert answer.status == 422 and b"a.png" in answer.body


def test_a_class_is_added_by_its_name(asked: Asked) -> None:
    assert asked.post("/classes", {"name": " heron "}).json() == {"name": "heron"}
    assert asked.post("/classes", {"name": ""}).status == 422
    assert asked.post("/classes", [1]).status == 422


def test_without_a_project_there_is_nothing_to_train(asked: Asked) -> None:
    for path in ("/train", "/stop", "/more"):
        assert asked.post(path, {"budget": 3}).status == 404
    assert asked.get("/model").status == 422


@pytest.mark.parametrize("budget", [0, -1, True, "20", None, 10**9])
def test_more_images_are_a_number(tmp_path: Path, budget: object) -> None:
    asked = Asked(make_task(tmp_path / "images", ["a.png"], project=tmp_path))
    assert asked.post("/more", {"budget": budget}).status == 422


def test_hostile_names_end_no_script(tmp_path: Path) -> None:
    task = make_task(tmp_path / "images", ["a.png"])
    page = render_page(HOSTILE, {"id": "x", "file": "labels.csv", "classes": [HOSTILE], "images": []})
    assert "<img src=x" not in page and page.count("</script>") == 2
    assert task.title not in page


def test_the_page_is_small() -> None:
    assert len(render_page("birds").encode()) < 300_000


def test_images_that_cannot_be_asked_for_anew_are_told_as_the_end_of_the_run(tmp_path: Path) -> None:
    def gone() -> LabelTask:
        raise ConfigError("the labels are a list of your own")

    asked = Asked(make_task(tmp_path / "images", ["a.png"], project=tmp_path, again=gone))
    queue = asked.server.listeners.join()
    asked.server._tell_run({"state": "done", "lines": []})
    told = [json.loads(queue.get_nowait().removeprefix("data: ")) for _ in range(2)]
    assert [news["state"] for news in told] == ["done", "failed"]
    assert told[1]["lines"] == ["the labels are a list of your own"]
