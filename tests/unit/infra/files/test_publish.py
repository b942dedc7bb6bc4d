"""Atomic publishing: a reader sees the old file, the new one or none."""

import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from fact.infra.files.publish import publish, publish_text


def test_text_is_published_in_new_folders_as_utf8(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "note.txt"
    publish_text(path, "ünï\r\n")
    assert path.read_bytes() == "ünï\r\n".encode()
    assert list(path.parent.iterdir()) == [path]


def test_an_error_keeps_the_old_file_and_leaves_no_other(tmp_path: Path) -> None:
    path = tmp_path / "file"
    publish_text(path, "old")
    with pytest.raises(RuntimeError, match="half way"), publish(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError("half way")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_is_visible_before_the_end(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with publish(path) as temporary:
        temporary.write_text("new")
        assert not path.exists()
        assert temporary.parent == tmp_path and temporary.name.startswith(".file.")
    assert path.read_text() == "new"


def test_permissions_follow_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        publish_text(tmp_path / "file", "")
        assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o640
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(before)


def test_a_killed_writer_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    publish_text(path, "old")
    code = """if True:
        import sys
        from fact.infra.files.publish import publish
        with publish(sys.argv[1]) as temporary:
            temporary.write_text("half")
            print("written", flush=True)
            sys.stdin.read()
    """
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", code, str(path)], **pipes) as writer:
        assert writer.stdout.readline() == b"written\n"
        writer.send_signal(signal.SIGKILL)
        assert writer.wait() == -signal.SIGKILL
    assert path.read_text() == "old"
    left = [other for other in tmp_path.iterdir() if other != path]
    assert all(other.name.startswith(".file.") and other.suffix == ".tmp" for other in left)
    publish_text(path, "new")
    assert path.read_text() == "new"


def test_two_writers_never_mix(tmp_path: Path) -> None:
    path, wanted = tmp_path / "file", {sign * 100_000 for sign in "ab"}
    seen: set[str] = set()

    def write(text: str) -> None:
        for _ in range(20):
            publish_text(path, text)

    writers = [threading.Thread(target=write, args=(text,)) for text in wanted]
    publish_text(path, min(wanted))
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        seen.add(path.read_text())
    assert seen <= wanted
    assert list(tmp_path.iterdir()) == [path]


def test_content_is_on_the_disk_before_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is synced before it is renamed, the folder after."""
    steps: list[str] = []
    sync, rename = os.fsync, os.replace

    def record_sync(descriptor: int) -> None:
        steps.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        sync(descriptor)

    def record_rename(source: Path, target: Path) -> None:
        steps.append("rename")
        rename(source, target)

    monkeypatch.setattr(os, "fsync", record_sync)
    monkeypatch.setattr(os, "replace", record_rename)
    publish_text(tmp_path / "file", "new")
    assert steps == ["file", "rename", "folder"]


def test_what_a_killed_writer_left_is_removed_and_what_a_living_one_writes_is_not(tmp_path: Path) -> None:
    code = (
        "import os, sys\nfrom fact.infra.files.publish import publish\n"
        "with publish(sys.argv[1]):\n    os.kill(os.getpid(), 9)\n"
    )
    for _ in range(2):
        subprocess.run([sys.executable, "-c", code, tmp_path / "a.h5"])
    assert len(list(tmp_path.iterdir())) == 1
    with publish(tmp_path / "a.h5") as first, publish(tmp_path / "a.h5") as second:
        assert first.exists() and second.exists() and len(list(tmp_path.iterdir())) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["a.h5"]


def test_a_name_of_the_longest_kind_can_be_published(tmp_path: Path) -> None:
    for name in ("x" * 250, "ü" * 120):
        publish_text(tmp_path / name, "long")
        assert (tmp_path / name).read_text() == "long"
