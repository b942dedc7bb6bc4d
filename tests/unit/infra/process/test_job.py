import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fact.infra.process.code_version import code_version
from fact.infra.process.job import begin, write_run_code


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[tuple[Path, Path, str]]:
    """A script, the file of the run's versions that names it, and its version."""
    script, run_code = tmp_path / "stage.py", tmp_path / "run-code.json"
    script.write_text("from fact.seeds import derive_seed\n")
    code = code_version("fact.training.frofa", script=script)
    write_run_code({code: (str(script), ["fact.training.frofa"])}, run_code)
    before = sys.stderr
    yield script, run_code, code
    sys.stderr = before


def test_messages_go_to_the_log(tmp_path: Path, stage: tuple[Path, Path, str]) -> None:
    _, run_code, code = stage
    begin(str(tmp_path / "log"), code, run_code)
    print("é", file=sys.stderr)
    assert (tmp_path / "log").read_text("utf-8") == "é\n"


def test_a_job_outside_a_run_is_not_checked(tmp_path: Path, stage: tuple[Path, Path, str]) -> None:
    begin(str(tmp_path / "log"), "anything", tmp_path / "absent.json")
    assert (tmp_path / "log").is_file()


def test_an_edited_script_stops_the_job(tmp_path: Path, stage: tuple[Path, Path, str]) -> None:
    script, run_code, code = stage
    script.write_text("from fact.seeds import derive_seed\nX = 1\n")
    # a script is read once a process, so the edit is seen by the job that starts after it
    from fact.infra.process import code_version as versions

    versions._parsed_script.cache_clear()
    with pytest.raises(RuntimeError, match="not what the run began with"):
        begin(str(tmp_path / "log"), code, run_code)


def test_a_version_that_the_run_does_not_know_stops_the_job(
    tmp_path: Path, stage: tuple[Path, Path, str]
) -> None:
    _, run_code, code = stage
    with pytest.raises(RuntimeError, match=f"another against {code[::-1]}"):
        begin(str(tmp_path / "log"), code[::-1], run_code)
    assert list(json.loads(run_code.read_text())) == [code]
