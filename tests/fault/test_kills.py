"""The short drill; `make drill` runs the long one."""

from pathlib import Path

from drill import Drill


def test_fifteen_kills_lose_nothing(tmp_path: Path, small: Path) -> None:
    drill = Drill(tmp_path, seed=1, undisturbed=small)
    drill.kill_until(15)
    print(drill.summary())
    assert drill.finished >= 1 and drill.killed.total() == 15
    assert drill.lost == []
