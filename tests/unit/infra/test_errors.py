"""Which errors a user can mend, and how they are told."""

import errno

import pytest
from fact.infra.errors import (
    ArtifactError,
    ConfigError,
    DataError,
    FactError,
    LabelError,
    MachineError,
    is_users,
    one_line,
)


@pytest.mark.parametrize("kind", [FactError, ConfigError, DataError, LabelError, ArtifactError, MachineError])
def test_errors_of_this_project_are_the_users(kind: type[Exception]) -> None:
    assert is_users(kind("a")) and isinstance(kind("a"), ValueError)


@pytest.mark.parametrize("kind", [FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError])
def test_a_wrong_path_is_the_users(kind: type[Exception]) -> None:
    assert is_users(kind("a"))


@pytest.mark.parametrize(
    "kind", [ValueError, KeyError, OSError, FileExistsError, MemoryError, KeyboardInterrupt]
)
def test_everything_else_is_a_bug(kind: type[BaseException]) -> None:
    assert not is_users(kind("a"))


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_a_full_disk_is_the_users(number: int) -> None:
    assert is_users(OSError(number, "no room", "pool.h5")) and not is_users(OSError(errno.EBADF, "closed"))


def test_one_kind_is_not_caught_as_another() -> None:
    kinds = (ConfigError, DataError, LabelError, ArtifactError, MachineError)
    assert not any(issubclass(one, other) for one in kinds for other in kinds if one is not other)


@pytest.mark.parametrize("text", ["a.yaml: b", "a.yaml:\n  b\n", "  a.yaml:\r\n\tb", "a.yaml:\x0b b"])
def test_the_text_is_one_line(text: str) -> None:
    assert one_line(ConfigError(text)) == "a.yaml: b"
