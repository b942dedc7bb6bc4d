import asyncio
from pathlib import Path

import pytest
from fact.infra.errors import ConfigError
from fact.project.labelling.training import Running


def run(folder: Path, commands: list[list[str]]) -> list[dict]:
    told: list[dict] = []

    async def go() -> None:
        running = Running(folder, told.append)
        running.start(commands)
        with pytest.raises(ConfigError, match="goes on already"):
            running.start(commands)
        await running.ended()

    asyncio.run(go())
    return told


def test_a_command_that_ends_is_told(tmp_path: Path) -> None:
    first, *_, last = run(tmp_path, [["version"]])
    assert first["state"] == "running" and last["state"] == "done"
    assert any("fact" in line.lower() for line in last["lines"])


def test_after_one_that_fails_the_others_are_not_begun(tmp_path: Path) -> None:
    *_, last = run(tmp_path, [["run", str(tmp_path)], ["version"]])
    assert last["state"] == "failed" and len(last["lines"]) == 1
    assert "there is no fact.yaml" in last["lines"][0]


def test_progress_is_told_with_the_time_left(tmp_path: Path) -> None:
    told: list[dict] = []
    running = Running(tmp_path, told.append)
    running._read('{"progress": 0.25, "phase": "phase 2: finetuning"}')
    assert told[0]["share"] == 0.25 and told[0]["phase"] == "phase 2: finetuning"
    assert told[0]["seconds_left"] >= 0


def test_a_run_that_is_stopped_has_not_failed(tmp_path: Path) -> None:
    told: list[dict] = []

    async def go() -> None:
        running = Running(tmp_path, told.append)
        running.start([["run", str(tmp_path)], ["version"]])
        running.stop()
        await running.ended()

    asyncio.run(go())
    assert told[-1] == {"state": "stopped", "lines": []}
