import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from fact.infra.errors import BUG, ArtifactError, MachineError
from fact.infra.process.job import log_error, start_job, write_run_code
from fact.infra.process.stage_version import Stage, stage_version


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[tuple[Path, Path, str]]:
    """A script, the file of the run's versions that names it, and its version."""
    script, run_code = tmp_path / "stage.py", tmp_path / "run-code.json"
    script.write_text("from fact.seeds import derive_seed\n")
    stage = Stage(str(script), ["fact.training.frofa"], {"torch": "minor"})
    code = stage_version(stage)
    write_run_code({code: stage}, run_code)
    before = sys.stderr, sys.excepthook
    yield script, run_code, code
    sys.stderr, sys.excepthook = before


def test_messages_go_to_the_log(tmp_path: Path, stage: tuple[Path, Path, str]) -> None:
    _, run_code, code = stage
    start_job(str(tmp_path / "log"), code, run_code=run_code)
    print("é", file=sys.stderr)
    assert (tmp_path / "log").read_text("utf-8") == "é\n"


def test_what_a_user_can_mend_is_one_line_of_the_log(capsys: pytest.CaptureFixture) -> None:
    error = ArtifactError("pool.h5 was damaged;\n delete it")
    log_error(ArtifactError, error, None)
    assert capsys.readouterr().err == "error: pool.h5 was damaged; delete it\n"


def test_a_bug_shows_its_traceback_in_the_log(capsys: pytest.CaptureFixture) -> None:
    try:
        raise ValueError("no such thing")
    except ValueError as error:
        log_error(ValueError, error, error.__traceback__)
    told = capsys.readouterr().err
    assert told.startswith("Traceback") and told.rstrip().endswith(BUG)


def test_a_job_without_threads_does_not_import_torch(tmp_path: Path) -> None:
    code = (
        "import sys; from fact.infra.process.job import start_job; "
        f"start_job({str(tmp_path / 'log')!r}, 'any'); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=tmp_path).returncode == 0


def test_a_job_outside_a_run_is_not_checked(tmp_path: Path, stage: tuple[Path, Path, str]) -> None:
    start_job(str(tmp_path / "log"), "anything", run_code=tmp_path / "absent.json")
    assert (tmp_path / "log").is_file()


def test_a_gpu_that_torch_does_not_see_stops_the_job(
    tmp_path: Path, stage: tuple[Path, Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, run_code, code = stage
    monkeypatch.setattr("fact.device.best_device", lambda: torch.device("cpu"))
    monkeypatch.setattr("fact.infra.process.job.has_idle_gpu", lambda: True)
    monkeypatch.setattr("fact.infra.process.job.use_own_gpu", lambda: None)
    options = {"threads": torch.get_num_threads(), "run_code": run_code}
    with pytest.raises(
        MachineError, match=r"does not see the GPU .* or set CUDA_VISIBLE_DEVICES= to compute"
    ):
        start_job(str(tmp_path / "log"), code, gpu=True, **options)
    assert start_job(str(tmp_path / "log"), code, **options) == torch.device("cpu")


@pytest.mark.parametrize(("gpu", "called"), [(True, ["own"]), (False, ["none"]), (None, [])])
def test_a_job_sees_the_gpu_that_it_asked_for(
    tmp_path: Path,
    stage: tuple[Path, Path, str],
    monkeypatch: pytest.MonkeyPatch,
    gpu: bool | None,
    called: list[str],
) -> None:
    _, run_code, code = stage
    calls: list[str] = []
    monkeypatch.setattr("fact.infra.process.job.use_own_gpu", lambda: calls.append("own"))
    monkeypatch.setattr("fact.infra.process.job.hide_gpus", lambda: calls.append("none"))
    start_job(str(tmp_path / "log"), code, gpu=gpu, run_code=run_code)
    assert calls == called


def test_an_edited_script_stops_the_job(tmp_path: Path, stage: tuple[Path, Path, str]) -> None:
    script, run_code, code = stage
    script.write_text("from fact.seeds import derive_seed\nX = 1\n")
    # a script is read once a process, so the edit is seen by the job that starts after it
    from fact.infra.process import code_version as versions

    versions._parsed_script.cache_clear()
    versions._tree.cache_clear()
    with pytest.raises(RuntimeError, match="not what the run began with"):
        start_job(str(tmp_path / "log"), code, run_code=run_code)


def test_a_version_that_the_run_does_not_know_stops_the_job(
    tmp_path: Path, stage: tuple[Path, Path, str]
) -> None:
    _, run_code, code = stage
    with pytest.raises(RuntimeError, match=f"another against {code[::-1]}"):
        start_job(str(tmp_path / "log"), code[::-1], run_code=run_code)
    assert list(json.loads(run_code.read_text())["stages"]) == [code]
