"""What is left of a cgroup's limit, in both versions of cgroups."""

from pathlib import Path

import psutil
import pytest
from fact.infra.process.free_memory import free_memory

GIB = 2**30


def cgroup(folder: Path, limit: str, use: str, **sizes: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / limit).write_text(sizes["most"])
    (folder / use).write_text(sizes["now"])
    (folder / "memory.stat").write_text(f"anon 5\nactive_file 9\ninactive_file {sizes.get('cache', 0)}\n")


@pytest.fixture(autouse=True)
def large_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    class Large:
        available = 64 * GIB

    monkeypatch.setattr(psutil, "virtual_memory", lambda: Large)


def free(folder: Path, lines: str) -> float:
    (folder / "own").write_text(lines)
    return free_memory(folder / "own", folder / "root") / GIB


def test_without_a_limit_the_machine_counts(tmp_path: Path) -> None:
    cgroup(tmp_path / "root/a", "memory.max", "memory.current", most="max\n", now="5")
    assert free(tmp_path, "0::/a\n") == 64
    assert free_memory(tmp_path / "none", tmp_path) == 64 * GIB


def test_the_least_of_a_cgroup_and_those_above_it_counts(tmp_path: Path) -> None:
    files = ("memory.max", "memory.current")
    cgroup(tmp_path / "root/job", *files, most=str(8 * GIB), now=str(3 * GIB), cache=str(GIB))
    cgroup(tmp_path / "root/job/step", *files, most=str(16 * GIB), now=str(2 * GIB))
    assert free(tmp_path, "0::/job/step\n") == 6
    cgroup(tmp_path / "root/job/step", *files, most=str(GIB), now=str(2 * GIB))
    assert free(tmp_path, "0::/job/step\n") == 0


def test_version_1_has_other_names(tmp_path: Path) -> None:
    files = ("memory.limit_in_bytes", "memory.usage_in_bytes")
    cgroup(tmp_path / "root/memory/slurm/job", *files, most=str(4 * GIB), now=str(GIB))
    assert free(tmp_path, "3:cpu:/slurm/job\n4:memory:/slurm/job\n") == 3
