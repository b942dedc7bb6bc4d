import io
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from fact.project.run_state import RunState
from fact.project.run_view import explain, follow

PLAN = """\
Job stats:
job                  count
-----------------  -------
select_samples           1
measure_selection        1
total                    2

"""
LINES = """\
rule select_samples:
    log: results/logs/select.log
    jobid: 1
rule measure_selection:
    log: results/logs/measure.log
    jobid: 2
"""
FAILED = """\
Error in rule select_samples:
    jobid: 1
    log: results/logs/select.log (check log file(s) for error details)
"""


def process(text: str) -> SimpleNamespace:
    return SimpleNamespace(stdout=io.StringIO(text))


def test_without_a_terminal_each_phase_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    follow(process(LINES), RunState(tmp_path), output="bar")
    assert capsys.readouterr().out.split("\n") == ["           choosing images to label", ""]


@pytest.mark.parametrize("output", ["bar", "quiet", "json"])
def test_the_plan_is_told_once_before_any_phase(
    tmp_path: Path, capsys: pytest.CaptureFixture, output: str
) -> None:
    follow(process(PLAN + LINES), RunState(tmp_path), output=output, on_plan=print)
    out = capsys.readouterr().out
    told, phase = "['select_samples', 'measure_selection']", "choosing images to label"
    assert out.count(told) == 1
    assert phase not in out or output == "json" or out.index(told) < out.index(phase)


@pytest.mark.parametrize("output", ["bar", "quiet", "json"])
def test_where_nothing_is_to_be_done_no_plan_is_told(tmp_path: Path, output: str) -> None:
    told: list = []
    follow(process("Nothing to be done\n"), RunState(tmp_path), output=output, on_plan=told.append)
    assert not told


def test_quiet_prints_nothing_and_reads_all(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    state = RunState(tmp_path)
    follow(process(LINES + FAILED), state, output="quiet")
    assert capsys.readouterr().out == "" and len(state.failed) == 1


def test_on_a_terminal_there_is_one_bar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    follow(process(LINES + "1 of 2 steps (50%) done\n"), RunState(tmp_path), output="bar")
    drawn = terminal.getvalue()
    assert "choosing images to label" in drawn and "50 %" in drawn and "rule select_samples" not in drawn


def failed(folder: Path, log: str | None) -> tuple[str, list[str]]:
    """The cause, and the lines that are printed before it."""
    state, said = RunState(folder), []
    follow(process(LINES + FAILED), state, output="quiet")
    if log is not None:
        (folder / "results/logs").mkdir(parents=True)
        (folder / "results/logs/select.log").write_text(log)
    return explain(state, said.append), said


def test_what_a_user_can_mend_is_the_cause(tmp_path: Path) -> None:
    cause, said = failed(tmp_path, "12:00:00 reading\nerror: pool.h5 is damaged; delete it\n")
    assert cause == "choosing images to label: pool.h5 is damaged; delete it" and said == []


def test_of_a_bug_the_end_of_the_log_is_shown(tmp_path: Path) -> None:
    cause, said = failed(tmp_path, "".join(f"line {number}\n" for number in range(40)))
    assert said == [f"line {number}" for number in range(25, 40)] and "results/logs/select.log" in cause


def test_a_run_that_was_stopped_shows_no_traceback(tmp_path: Path) -> None:
    state, said = RunState(tmp_path), []
    stopped = "Terminating processes on user request, this might take some time.\n"
    follow(process(LINES + stopped + FAILED), state, output="quiet")
    assert explain(state, said.append) == "while choosing images to label" and said == []


def test_a_run_that_was_stopped_says_where(tmp_path: Path) -> None:
    state, said = RunState(tmp_path), []
    stopped = "Terminating processes on user request, this might take some time.\n"
    place = "stopped in epoch 33 of 50; the same command goes on from there\n"
    follow(process(LINES + stopped + FAILED + place), state, output="quiet")
    assert explain(state, said.append) == "in epoch 33 of 50, while choosing images to label" and said == []


def test_a_job_without_log_is_named(tmp_path: Path) -> None:
    assert failed(tmp_path, None)[0].startswith("choosing images to label has failed")


def test_what_stops_snakemake_itself_is_shown(tmp_path: Path) -> None:
    state, said = RunState(tmp_path), []
    follow(process("the configuration cannot be used:\n  run.seed: no such key\n"), state, output="quiet")
    assert explain(state, said.append) == "the cause is said above"
    assert said == ["the configuration cannot be used:", "  run.seed: no such key"]


def test_a_program_is_told_lines_of_json(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    follow(process("total  2\n1 of 2 steps (50%) done\n"), RunState(tmp_path), output="json")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[-1] == {"progress": 0.5, "phase": "planning"}
