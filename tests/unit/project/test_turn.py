"""A second command in a project says so and does nothing."""

from pathlib import Path

import pytest
from fact.cli import app
from fact.project.folder import Project
from fact.project.turn import own_turn
from projects import selected
from typer.testing import CliRunner


@pytest.fixture
def birds(tmp_path: Path, write_image) -> Project:
    for number, name in enumerate(["a.png", "b.png", "c.png"]):
        write_image(tmp_path / "images" / name, seed=number)
    return selected(tmp_path / "birds", tmp_path / "images", ["a.png", "b.png", "c.png"])


@pytest.mark.parametrize("command", [["run"], ["more", "--budget", "2"], ["audit"], ["audit", "--end"]])
def test_a_second_command_waits_for_nobody_and_says_so(birds: Project, command: list[str]) -> None:
    before = sorted(birds.folder.rglob("*"))
    with own_turn(birds.folder):
        result = CliRunner().invoke(app, [command[0], str(birds.folder), *command[1:]])
    assert result.exit_code == 1 and "another `fact` command works in" in result.stderr
    assert sorted({*birds.folder.rglob("*")} - {birds.folder / ".fact.lock"}) == before
