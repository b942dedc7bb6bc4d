"""A further round keeps the model of the one before, and says what its labels were worth."""

from pathlib import Path

import pytest
from fact.infra.files.record import publish_record
from fact.project.folder import Project
from fact.project.hand_out import hand_out
from fact.project.rounds import KEPT, keep_round, round_lines, round_of
from fact.project.to_label import batch
from projects import plain_page, selected

IDS = ["a.png", "b.png", "c.png", "d.png"]


@pytest.fixture
def birds(tmp_path: Path, write_image) -> Project:
    for number, name in enumerate(IDS):
        write_image(tmp_path / "images" / name, seed=number)
    project = selected(tmp_path / "birds", tmp_path / "images", IDS[:2])
    hand_out(project.folder, batch(project), plain_page)
    return project


def model(project: Project, weights: str, accuracy: float | None, audited: float | None = None) -> None:
    """Write what a run of the workflow would have left."""
    project.model.mkdir(parents=True, exist_ok=True)
    for name in KEPT:
        (project.model / name).unlink(missing_ok=True)
        (project.model / name).write_text(weights)
    publish_record(project.model / "config.json", {"weights_sha256": weights})
    publish_record(project.model / "estimate.json", {"accuracy": accuracy, "low": 0.4, "high": 0.7})
    own = {"accuracy": audited, "low": 0.5, "high": 0.6, "level": 0.9, "labelled": 30}
    publish_record(project.model / "audit.json", own)


def second_round(project: Project) -> None:
    selected(project.folder, project.images, IDS[2:])
    hand_out(project.folder, batch(project), plain_page)


def test_each_round_keeps_its_model_and_has_a_line(birds: Project) -> None:
    model(birds, "first", 0.5)
    keep_round(birds, {"a.png": "cat"})
    assert list(round_lines(birds.folder)) == []
    second_round(birds)
    assert round_of(birds.folder, {"a.png": "cat"}) == 1
    model(birds, "second", 0.5, audited=0.55)
    keep_round(birds, {"a.png": "cat", "c.png": "dog"})
    assert (birds.folder / "rounds/1/model.safetensors").read_text() == "first"
    assert (birds.folder / "rounds/2/model.safetensors").read_text() == "second"
    assert list(round_lines(birds.folder)) == [
        "rounds:    1: 1 labels, 50.0 % (40.0 to 70.0), estimated",
        "           2: 2 labels, 55.0 % (50.0 to 60.0), measured on an audit",
    ]
    assert (birds.folder / "rounds/README.md").read_text().splitlines()[-2:] == [
        "| 1 | 1 | 50.0 % (40.0 to 70.0), estimated | [card](1/README.md) |",
        "| 2 | 2 | 55.0 % (50.0 to 60.0), measured on an audit | [card](2/README.md) |",
    ]


def test_a_corrected_label_replaces_the_model_of_its_round(birds: Project) -> None:
    for weights in ("first", "corrected"):
        model(birds, weights, None)
        keep_round(birds, {"a.png": "cat"})
    assert sorted(path.name for path in (birds.folder / "rounds").iterdir()) == ["1", "README.md"]
    assert (birds.folder / "rounds/1/model.safetensors").read_text() == "corrected"
    second_round(birds)
    keep_round(birds, {"a.png": "cat", "d.png": "dog"})
    assert "accuracy not known" in next(iter(round_lines(birds.folder)))


def states(folder: Path) -> dict[str, tuple[int, int]]:
    """Inode and time of every file: a file that is written again has others."""
    return {path.name: (path.stat().st_ino, path.stat().st_ctime_ns) for path in folder.iterdir()}


@pytest.mark.parametrize("linked", [True, False])
def test_a_round_that_is_kept_already_is_left_alone(
    birds: Project, monkeypatch: pytest.MonkeyPatch, linked: bool
) -> None:
    def no_links(source: Path, target: Path) -> None:
        raise OSError(f"{target} is on another disk than {source}")

    if not linked:
        monkeypatch.setattr("fact.project.rounds.os.link", no_links)
    model(birds, "first", 0.5)
    keep_round(birds, {"a.png": "cat"})
    kept = states(birds.folder / "rounds/1")
    keep_round(birds, {"a.png": "cat"})
    assert states(birds.folder / "rounds/1") == kept and len(kept) == len(KEPT) + 1
    publish_record(birds.model / "estimate.json", {"accuracy": 0.6, "low": 0.4, "high": 0.7})
    keep_round(birds, {"a.png": "cat"})
    changed = {name for name, state in states(birds.folder / "rounds/1").items() if state != kept[name]}
    assert changed == {"estimate.json", "round.json"}


def test_a_damaged_note_of_a_round_is_written_again(birds: Project) -> None:
    model(birds, "first", 0.5)
    keep_round(birds, {"a.png": "cat"})
    about = birds.folder / "rounds/1/round.json"
    whole = about.read_bytes()
    about.write_text("{")
    keep_round(birds, {"a.png": "cat"})
    assert about.read_bytes() == whole
