import io
import re
import sys
from collections.abc import Iterator

import pytest
from fact.infra.process.progress import log, track


def log_of(steps: int, total: int, capsys: pytest.CaptureFixture) -> list[str]:
    """The lines that a stage of so many steps logs, without the time of day."""
    assert list(track(iter(range(steps)), total, "features")) == list(range(steps))
    out, err = capsys.readouterr()
    assert out == ""
    return [re.fullmatch(r"\d\d:\d\d:\d\d (.*)", line)[1] for line in err.splitlines()]


def test_say_is_one_line_with_the_time_of_day(capsys):
    log("hello")
    out, err = capsys.readouterr()
    assert out == "" and re.fullmatch(r"\d\d:\d\d:\d\d hello\n", err)


def test_a_log_has_a_line_every_tenth(capsys):
    assert log_of(100, 100, capsys) == [f"features: {number} of 100" for number in range(10, 101, 10)]


@pytest.mark.parametrize(
    ("steps", "total", "lines"), [(3, 3, 3), (1, 1, 1), (15, 15, 10), (0, 0, 0), (1005, 1005, 10)]
)
def test_a_log_is_short_and_ends_with_the_last_step(capsys, steps, total, lines):
    log = log_of(steps, total, capsys)
    assert len(log) == lines and log[-1:] == [f"features: {steps} of {total}"] * min(lines, 1)


def test_steps_are_taken_one_by_one():
    taken = []

    def steps() -> Iterator[int]:
        for number in range(3):
            taken.append(number)
            yield number

    tracked = track(steps(), 3, "features")
    assert taken == []
    assert next(tracked) == 0 and taken == [0]


def test_error_of_a_step_is_passed_on():
    def steps() -> Iterator[int]:
        yield 0
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        list(track(steps(), 2, "features"))


class Terminal(io.StringIO):
    """What a program says to a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_has_a_bar(monkeypatch, capsys):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    assert list(track(iter("abc"), 3, "features")) == ["a", "b", "c"]
    shown = terminal.getvalue()
    assert "features" in shown and "100%" in shown and " of 3" not in shown
    assert capsys.readouterr().out == ""
