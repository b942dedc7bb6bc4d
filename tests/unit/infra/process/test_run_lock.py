import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from fact.infra.process.run_lock import FolderInUse, RunLock

HOLD = (
    "import sys, time; from pathlib import Path; from fact.infra.process.run_lock import RunLock; "
    "lock = RunLock(Path(sys.argv[1])); print('held', flush=True); time.sleep(60)"
)


def holder(path: Path) -> subprocess.Popen:
    process = subprocess.Popen([sys.executable, "-c", HOLD, path], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_run_is_told_of_the_first(tmp_path: Path) -> None:
    process = holder(tmp_path / "results" / ".run.lock")
    try:
        with pytest.raises(FolderInUse, match=rf"process {process.pid} on .*; wait for it to end"):
            RunLock(tmp_path / "results" / ".run.lock")
    finally:
        process.kill()
        process.wait()


def test_a_killed_run_leaves_no_lock(tmp_path: Path) -> None:
    process = holder(tmp_path / ".run.lock")
    process.kill()
    process.wait()
    RunLock(tmp_path / ".run.lock")
    assert f"process {os.getpid()} on" in (tmp_path / ".run.lock").read_text()


def test_a_child_of_the_run_does_not_keep_its_lock(tmp_path: Path) -> None:
    code = HOLD.replace("time.sleep(60)", "import subprocess; subprocess.Popen(['sleep', '60'])")
    done = subprocess.Popen([sys.executable, "-c", code, tmp_path / ".run.lock"], stdout=subprocess.DEVNULL)
    done.wait()
    start = time.monotonic()
    RunLock(tmp_path / ".run.lock")
    assert time.monotonic() - start < 30
