from pathlib import Path

import pytest
from fact.project.run_state import PHASES, RunState, logged_part

STARTED = """\
Job stats:
job                 count
----------------  -------
total                   4

[Sat Nov 28 16:02:57 2026]
localrule get_weights:
    output: results/weights/vit/model.safetensors
    log: results/logs/get_weights/vit.log
    jobid: 7
    wildcards: backbone=vit
"""
FINISHED = """\
[Sat Nov 28 16:03:02 2026]
Finished jobid: 7 (Rule: get_weights)
1 of 4 steps (25%) done
rule tune_backbone:
    log: results/logs/tune.log
    jobid: 3
"""
FAILED = """\
Error in rule tune_backbone:
    message: None
    jobid: 3
    log: results/logs/tune.log (check log file(s) for error details)
"""


def state_after(folder: Path, *texts: str) -> RunState:
    state = RunState(folder)
    for line in "".join(texts).splitlines(keepends=True):
        state.read(line)
    return state


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "results/logs").mkdir(parents=True)
    return tmp_path


def test_jobs_are_told_once_when_they_start(folder: Path) -> None:
    state = RunState(folder)
    told = [job.phase for line in (STARTED + FINISHED).splitlines() if (job := state.read(line))]
    assert told == ["fetching the backbone", "phase 2: finetuning"]


def test_a_target_is_no_phase(folder: Path) -> None:
    target = "localrule model:\n    input: results/models/m/README.md\n    jobid: 0\n"
    state = RunState(folder)
    told = [job.phase for line in (STARTED + FINISHED + target).splitlines() if (job := state.read(line))]
    assert told == ["fetching the backbone", "phase 2: finetuning"]
    assert state.describe() == "phase 2: finetuning"
    state.read("Finished jobid: 0 (Rule: model)")
    state.read("4 of 4 steps (100%) done")
    assert (state.done, state.total) == (4, 4)


def test_steps_and_logged_parts_make_the_share(folder: Path) -> None:
    assert state_after(folder).share() == 0.0 and state_after(folder).describe() == "planning"
    assert state_after(folder, STARTED).share() == 0.0
    state = state_after(folder, STARTED, FINISHED)
    assert state.share() == 0.25 and state.describe() == "phase 2: finetuning"
    (folder / "results/logs/tune.log").write_text(
        "12:00:01 epoch 1 of 50: loss 1.2\n12:00:09 epoch 25 of 50: loss 0.4, top1 0.9\n"
    )
    assert state.share() == pytest.approx((1 + 0.5) / 4)
    assert state.describe() == "phase 2: finetuning, epoch 25 of 50"


def test_a_failed_job_is_no_new_one_and_has_its_log(folder: Path) -> None:
    state = state_after(folder, STARTED, FINISHED, FAILED)
    (failed,) = state.failed
    assert failed.log == "results/logs/tune.log" and failed.phase == "phase 2: finetuning"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", None),
        ("no numbers\n", None),
        ("12:00:01 pool: 3 of 7\n", (3, 7, "pool: ")),
        ("12:00:01 pool: 3 of 0\n", None),
        ("12:00:01 fold 9 of 4\n", (4, 4, "fold ")),
        ("2 of 3 without a time of day\n", None),
    ],
)
def test_the_last_part_of_a_log(folder: Path, text: str, part: tuple | None) -> None:
    assert logged_part(folder / "none.log") is None
    (folder / "a.log").write_text(text)
    assert logged_part(folder / "a.log") == part


def test_every_phase_is_that_of_a_rule() -> None:
    rules = Path(__file__).parents[3] / "workflow/rules"
    text = "".join(path.read_text("utf-8") for path in rules.glob("*.smk"))
    assert all(f"rule {name}:" in text for name in PHASES)
