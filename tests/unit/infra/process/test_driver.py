"""Versions of NVIDIA's driver, and which builds of torch they bear."""

from pathlib import Path

import pytest
from fact.infra.process.driver import driver_version, is_too_old, needed_driver

CLOSED = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.104.05  Sat Aug 19\nGCC version: 11\n"
OPEN = "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build\nGCC version: 13\n"


@pytest.mark.parametrize(("text", "expected"), [(CLOSED, "535.104.05"), (OPEN, "580.65.06"), ("what", None)])
def test_the_driver_tells_its_version(tmp_path: Path, text: str, expected: str | None) -> None:
    (tmp_path / "version").write_text(text)
    assert driver_version(tmp_path / "version") == expected


def test_without_a_driver_there_is_no_version(tmp_path: Path) -> None:
    assert driver_version(tmp_path / "version") is None


@pytest.mark.parametrize(
    ("driver", "cuda", "old"),
    [
        ("535.104.05", "13.0", True),
        ("535.104.05", "12.6", False),
        ("580.65.06", "13.0", False),
        ("470.82", "12.1", True),
        (None, "13.0", False),
        ("535.104.05", None, False),
        ("535.104.05", "99.0", False),
    ],
)
def test_a_driver_is_too_old_for_a_newer_cuda(driver: str | None, cuda: str | None, old: bool) -> None:
    assert is_too_old(driver, cuda) is old
    assert (needed_driver(cuda) is None) is (cuda in (None, "99.0"))
