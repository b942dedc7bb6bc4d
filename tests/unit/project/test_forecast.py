"""How long a training takes by the log of the extraction: exact sums, and where nothing is told."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from fact.data.labels_file import write_labels
from fact.infra.files.record import publish_record
from fact.project import advance, forecast
from fact.project.driving import Manner
from fact.project.folder import Project, open_project
from fact.project.forecast import Forecast, about, forecast_line, seconds_per_image
from fact.project.run_view import OnPlan
from projects import selected

TWO_CORES = Manner(cores="2")
# 256 of 400 images in 64 seconds, across midnight
LOG = """\
23:59:50 pool features: 1 of 4
00:00:22 pool features: 2 of 4
00:00:54 pool features: 3 of 4
"""


def write_log(project: Project, text: str) -> None:
    cell = project.cell
    log = project.folder / f"results/logs/extract_features/{cell.dataset}/{cell.backbone}/pool.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(text)


def write_weights(project: Project, **shapes: list[int]) -> None:
    header = json.dumps(
        {"__metadata__": {}, **{f"{name}.weight": {"shape": shapes[name]} for name in shapes}}
    )
    path = project.folder / f"results/weights/{project.cell.backbone}/model.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(len(header).to_bytes(8, "little") + header.encode())


def configured(project: Project, text: str) -> Project:
    with (project.folder / "more.yaml").open("a") as file:
        file.write(text)
    return open_project(project.folder)


@pytest.fixture
def birds(tmp_path: Path, write_image: Callable[..., Path]) -> Project:
    """Twelve images, extracted one by one in a second each by the log, on two cores without a GPU."""
    for number in range(12):
        write_image(tmp_path / f"images/{number}.png", seed=number)
    project = selected(tmp_path / "birds", tmp_path / "images", ["0.png", "1.png"])
    project = configured(project, "run: {batch_size: 1}\ntraining: {epochs: 10}\n")
    write_log(project, "10:00:00 pool features: 2 of 12\n10:00:10 pool features: 12 of 12\n")
    write_weights(project, attention=[8, 8], stem=[8, 3, 4, 4])
    return project


@pytest.fixture(autouse=True)
def no_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forecast, "visible_gpus", lambda: [])


def test_seconds_of_an_image_are_those_between_the_lines_and_pass_midnight(tmp_path: Path) -> None:
    (tmp_path / "pool.log").write_text(LOG)
    assert seconds_per_image(tmp_path / "pool.log", 128, 400) == 64 / 256


def test_the_last_batch_has_fewer_images(tmp_path: Path) -> None:
    (tmp_path / "pool.log").write_text(LOG + "00:00:58 pool features: 4 of 4\n")
    assert seconds_per_image(tmp_path / "pool.log", 128, 400) == 68 / (400 - 128)


@pytest.mark.parametrize("text", [None, "", "10:00:00 pool features: 1 of 1\n", "10:00:00 warning\n"])
def test_a_log_of_one_line_or_none_tells_nothing(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "pool.log").write_text(text)
    assert seconds_per_image(tmp_path / "pool.log", 128, 100) is None


def test_two_lines_at_the_same_end_tell_nothing(tmp_path: Path) -> None:
    (tmp_path / "pool.log").write_text("10:00:00 pool features: 1 of 1\n10:00:00 pool features: 1 of 1\n")
    assert seconds_per_image(tmp_path / "pool.log", 128, 100) is None


def test_images_through_the_backbone_are_counted(birds: Project) -> None:
    # 4 labels, 8 images without one; 10 epochs
    recipe = 3 * 3 * 4 * 10 + 4 * 8
    final, rest = 3 * 4 * 10 + 8, 8
    found = forecast.forecast(birds, 4, "2")
    assert found == Forecast(forecast.OVERHEAD + 2 * recipe + final + rest, forecast.OVERHEAD + rest)


def test_more_cores_try_recipes_side_by_side(birds: Project) -> None:
    recipe, alone = 3 * 3 * 4 * 10 + 4 * 8, forecast.forecast(birds, 4, "2")
    assert forecast.forecast(birds, 4, "1") == alone
    assert forecast.forecast(birds, 4, "4").seconds == alone.seconds - 2 * recipe / 2
    # two shares of two recipes: more cores have nothing to do
    assert forecast.forecast(birds, 4, "64").seconds == alone.seconds - 2 * recipe * 3 / 4


def test_the_dearest_recipe_is_the_final_one(birds: Project) -> None:
    project = configured(birds, "recipes: {lp-ft: {epochs: 20}}\n")
    recipes = 3 * 3 * 4 * (10 + 20) + 2 * 4 * 8
    expected = forecast.OVERHEAD + recipes + 3 * 4 * 20 + 8 + 8
    assert forecast.forecast(project, 4, "2").seconds == expected


def test_without_a_part_of_the_pool_it_goes_through_the_backbone_once(birds: Project) -> None:
    project = configured(birds, "model: {pool_images: 0}\n")
    expected = forecast.OVERHEAD + 2 * 3 * 3 * 4 * 10 + 3 * 4 * 10 + 8
    assert forecast.forecast(project, 4, "2").seconds == expected


def test_lora_on_convolutions_takes_no_time_beside_full_finetuning(birds: Project) -> None:
    write_weights(birds, stem=[8, 3, 4, 4], norm=[8])
    expected = forecast.OVERHEAD + 3 * 3 * 4 * 10 + 4 * 8 + 3 * 4 * 10 + 8 + 8
    assert forecast.forecast(birds, 4, "2").seconds == expected
    alone = configured(birds, "model: {recipes: [lp-lora]}\n")
    assert forecast.forecast(alone, 4, "2").seconds == expected


def test_the_frozen_backbone_alone_has_one_time(birds: Project) -> None:
    project = configured(birds, "model: {recipes: []}\n")
    found = forecast.forecast(project, 4, "2")
    assert found == Forecast(forecast.OVERHEAD + 8, None)
    assert forecast_line(found) == "training:  about 1 minute on this machine"


def advanced(project: Project, monkeypatch: pytest.MonkeyPatch, rules: list[str]) -> tuple[list[str], int]:
    """What `fact run` says of the training with four labels, and how often it asks for the model."""
    made: list[list[str]] = []

    def drive(
        _: Project, targets: list[str], *rest: object, on_plan: OnPlan | None = None, **more: object
    ) -> None:
        made.append(targets)
        if on_plan and rules:
            on_plan(rules)

    monkeypatch.setattr(advance, "drive", drive)
    monkeypatch.setattr(advance, "_model_lines", lambda *_: iter(()))
    monkeypatch.setattr(advance, "keep_round", lambda *_: None)
    monkeypatch.setattr(advance, "keep_page", lambda *_: None)
    labels = {"0.png": "cat", "1.png": "dog", "2.png": "cat", "3.png": "dog"}
    write_labels(project.labels, labels)
    project.labels.with_suffix(".json").unlink()
    project.selection.with_suffix(".html").write_text("<html>")
    beside = {"share": 0.0, "chance": 0.0}
    publish_record(project.selection.with_suffix(".measures.json"), {"beside": beside})
    said: list[str] = []
    advance.advance(project, TWO_CORES, said.append)
    return [line for line in said if line.startswith("training:")], made.count(["model"])


def test_features_from_a_shared_cache_give_no_forecast_and_no_line(
    birds: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    (birds.folder / "results/logs/extract_features/own/vit_digits/pool.log").unlink()
    assert forecast.forecast(birds, 4, "2") is None
    assert advanced(birds, monkeypatch, ["validate_recipe"]) == ([], 1)


@pytest.mark.parametrize(
    ("rules", "lines"),
    [([], 0), (["audit_model", "export_model"], 0), (["validate_recipe", "train_model"], 1)],
)
def test_it_is_said_before_recipes_are_tried_and_not_for_a_model_that_is_up_to_date(
    birds: Project, monkeypatch: pytest.MonkeyPatch, rules: list[str], lines: int
) -> None:
    found, times = advanced(birds, monkeypatch, rules)
    assert (len(found), times) == (lines, 1)


def test_the_line_says_what_the_frozen_backbone_alone_takes() -> None:
    assert forecast_line(Forecast(250.0, 55.0)) == (
        "training:  about 4 minutes on this machine; without recipes, that is with the frozen backbone "
        "alone, about 1 minute (model: {recipes: []})"
    )


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (5, "1 minute"),
        (100, "2 minutes"),
        (600, "10 minutes"),
        (700, "10 minutes"),
        (1400, "25 minutes"),
        (5700, "95 minutes"),
        (6600, "2 hours"),
        (40000, "11 hours"),
    ],
)
def test_times_are_as_exact_as_a_forecast_can_be(seconds: float, text: str) -> None:
    assert about(seconds) == text
