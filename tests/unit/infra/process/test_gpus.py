import os
import subprocess
import sys
from pathlib import Path

import pytest
from fact.infra.process.gpus import claim_gpu, has_idle_gpu, hide_gpus, use_own_gpu, visible_gpus

HOLD = (
    "import sys; from pathlib import Path; from fact.infra.process.gpus import has_idle_gpu, claim_gpu; "
    "print(claim_gpu(Path(sys.argv[1]), ['0', '1']), flush=True); sys.stdin.read()"
)


@pytest.fixture
def driver(tmp_path: Path) -> Path:
    """What the driver of a machine with three GPUs shows."""
    for bus in ("0000:01:00.0", "0000:02:00.0", "0000:41:00.0"):
        (tmp_path / "gpus" / bus).mkdir(parents=True)
    return tmp_path / "gpus"


def holder(folder: Path) -> subprocess.Popen:
    command = [sys.executable, "-c", HOLD, folder]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize(
    ("allowed", "expected"),
    [
        (None, ["0", "1", "2"]),
        ("", []),
        ("-1", []),
        ("2, 0", ["2", "0"]),
        ("1,-1,2", ["1"]),
        ("GPU-8f1e,MIG-3", ["GPU-8f1e", "MIG-3"]),
    ],
)
def test_gpus_are_those_that_cuda_would_use(driver: Path, allowed: str | None, expected: list[str]) -> None:
    environment = {} if allowed is None else {"CUDA_VISIBLE_DEVICES": allowed}
    assert visible_gpus(environment, driver) == expected


def test_without_a_driver_there_are_none(tmp_path: Path) -> None:
    assert visible_gpus({"CUDA_VISIBLE_DEVICES": "0"}, tmp_path / "absent") == []


def test_each_job_takes_a_gpu_of_its_own_and_its_end_gives_it_back(tmp_path: Path) -> None:
    first, second = holder(tmp_path), None
    try:
        assert first.stdout.readline() == "0\n"
        second = holder(tmp_path)
        assert second.stdout.readline() == "1\n"
        assert claim_gpu(tmp_path, ["0", "1"]) is None
        first.kill()
        first.wait()
        assert claim_gpu(tmp_path, ["0", "1"]) == "0"
    finally:
        for process in filter(None, (first, second)):
            process.kill()
            process.communicate()


def test_a_job_sees_its_own_gpu_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fact.infra.process.gpus.visible_gpus", lambda: ["3", "5"])
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,5")
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD.replace("'0', '1'", "'3'"), tmp_path],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout.readline() == "3\n"
    use_own_gpu(tmp_path)
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "5"
    process.communicate("")


def test_a_slurm_job_keeps_the_one_gpu_that_it_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fact.infra.process.gpus.visible_gpus", lambda: ["3"])
    monkeypatch.setenv("SLURM_JOB_ID", "7")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3")
    use_own_gpu(tmp_path)
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "3" and not list(tmp_path.iterdir())


def test_jobs_inside_an_allocation_of_several_gpus_take_one_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run of the workflow in ``salloc --gpus=2``: Slurm gave none of its jobs a GPU of its own."""
    monkeypatch.setattr("fact.infra.process.gpus.visible_gpus", lambda: ["0", "1"])
    monkeypatch.setenv("SLURM_JOB_ID", "7")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    other = holder(tmp_path)
    assert other.stdout.readline() == "0\n"
    use_own_gpu(tmp_path)
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "1"
    other.communicate("")


def test_a_slurm_job_without_a_gpu_takes_none_of_its_node(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fact.infra.process.gpus.visible_gpus", lambda: ["0", "1"])
    monkeypatch.setenv("SLURM_JOB_ID", "7")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    use_own_gpu(tmp_path)
    assert "CUDA_VISIBLE_DEVICES" not in os.environ and not list(tmp_path.iterdir())


def test_a_job_that_asked_for_none_sees_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fact.infra.process.gpus.visible_gpus", lambda: ["0", "1"])
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    hide_gpus()
    assert os.environ["CUDA_VISIBLE_DEVICES"] == ""


@pytest.mark.parametrize(
    ("environment", "idle"),
    [
        ({}, True),
        ({"CUDA_VISIBLE_DEVICES": ""}, False),
        ({"SLURM_JOB_ID": "7"}, False),
        ({"SLURM_JOB_ID": "7", "CUDA_VISIBLE_DEVICES": "0"}, True),
    ],
)
def test_a_gpu_is_idle_where_the_process_may_use_it(tmp_path: Path, environment: dict, idle: bool) -> None:
    (tmp_path / "gpu").mkdir()
    assert has_idle_gpu(environment, tmp_path) == idle
    assert not has_idle_gpu(environment, tmp_path / "no driver")


@pytest.mark.parametrize("told", [{"SLURM_JOB_GPUS": "0"}, {"SLURM_GPUS_ON_NODE": "1"}, {"SLURM_GPUS": "1"}])
def test_a_gpu_that_slurm_gave_is_idle_though_nothing_else_names_it(tmp_path: Path, told: dict) -> None:
    given, gpus = {"SLURM_JOB_ID": "7", **told}, tmp_path / "gpus"
    (tmp_path / "version").write_text("a driver that lists no GPU")
    assert has_idle_gpu(given, gpus)
    assert not has_idle_gpu({**given, "CUDA_VISIBLE_DEVICES": ""}, gpus)
    assert not has_idle_gpu({"SLURM_JOB_ID": "7", "SLURM_GPUS_ON_NODE": "0"}, gpus)
