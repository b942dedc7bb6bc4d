"""A file lock has one holder, and ends with it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from fact.infra.files.lock import held, take_lock

HOLD = """
import sys
from pathlib import Path
from fact.infra.files.lock import take_lock
sys.exit(take_lock(Path(sys.argv[1])) is None)
"""


def taken_by_another(path: Path) -> bool:
    """Whether another process gets no lock."""
    return subprocess.run([sys.executable, "-c", HOLD, str(path)], check=False).returncode == 1


def test_a_lock_has_one_holder_until_it_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "new/folder/a.lock"
    lock = take_lock(path)
    assert lock is not None and take_lock(path) is None and taken_by_another(path)
    os.close(lock)
    assert not taken_by_another(path)


def test_the_end_of_its_holder_frees_it(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    assert not taken_by_another(path)
    assert take_lock(path) is not None


def test_a_block_that_holds_it_refuses_another(tmp_path: Path) -> None:
    place = tmp_path / "lock"
    with held(place, "busy"), pytest.raises(RuntimeError, match="busy"), held(place, "busy"):
        pytest.fail("it was taken twice")
    with held(tmp_path / "lock", "busy"):
        pass
