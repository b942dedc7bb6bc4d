import hashlib
import io
import tarfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from fact.infra.errors import DataError
from fact.infra.files.download import download, download_and_unpack

CONTENT = bytes(range(256)) * 20_000  # five chunks
SHA256 = f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"


class Server(ThreadingHTTPServer):
    """Sends CONTENT under every name, and breaks off each answer after ``breaks`` bytes while it has any."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.content, self.version = CONTENT, '"1"'
        self.breaks: list[int] = []
        self.ranges: list[str | None] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/m.th"


class Handler(BaseHTTPRequestHandler):
    """Answers with the whole content, or with the rest where the version is still that of the client."""

    server: Server

    def do_GET(self) -> None:
        asked, same = self.headers["Range"], self.headers["If-Range"] == self.server.version
        self.server.ranges.append(asked)
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and same else 0
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(self.server.content) - start))
        self.send_header("ETag", self.server.version)
        self.end_headers()
        stop = self.server.breaks.pop(0) if self.server.breaks else None
        self.wfile.write(self.server.content[start:stop])

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr("pooch.core.time.sleep", lambda _: None)
    with Server() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_a_file_is_fetched_once(server: Server, tmp_path: Path) -> None:
    path = download(server.url, tmp_path / "weights")
    assert path == tmp_path / "weights/m.th" and path.read_bytes() == CONTENT
    path.write_bytes(b"put here by hand")
    assert download(server.url, tmp_path / "weights").read_bytes() == b"put here by hand"
    assert len(server.ranges) == 1


def test_an_attempt_goes_on_where_the_last_one_ended(server: Server, tmp_path: Path) -> None:
    server.breaks = [2**21 + 100, 2**22]
    assert download(server.url, tmp_path, SHA256).read_bytes() == CONTENT
    first, *later = server.ranges
    assert first is None and all(later) and len(later) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["m.th"]


def test_a_later_command_goes_on_too(server: Server, tmp_path: Path) -> None:
    server.breaks = [2**21]
    with pytest.raises(DataError, match=r"could not be fetched .* the download goes on where it ended"):
        download(server.url, tmp_path, attempts=1)
    assert not (tmp_path / "m.th").exists()
    assert download(server.url, tmp_path).read_bytes() == CONTENT
    assert server.ranges[1] is not None


def test_parts_of_two_versions_are_never_joined(server: Server, tmp_path: Path) -> None:
    server.breaks = [2**21]
    with pytest.raises(DataError):
        download(server.url, tmp_path, attempts=1)
    server.content, server.version = CONTENT[::-1], '"2"'
    assert download(server.url, tmp_path).read_bytes() == CONTENT[::-1]


def test_another_hash_is_refused_and_leaves_nothing(server: Server, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"m\.th .*hash"):
        download(server.url, tmp_path, f"sha256:{'0' * 64}", attempts=2)
    assert not list(tmp_path.iterdir()) and len(server.ranges) == 2


def test_without_a_network_the_remedy_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"could not be fetched .* or put the file at .*m\.th"):
        download("http://127.0.0.1:9/m.th", tmp_path, attempts=1)


def test_a_local_url_is_copied(tmp_path: Path) -> None:
    source = tmp_path / "a b.th"
    source.write_bytes(b"bytes")
    assert download(source.as_uri(), tmp_path / "copy").read_bytes() == b"bytes"
    with pytest.raises(DataError, match=r"none\.th"):
        download((tmp_path / "none.th").as_uri(), tmp_path, attempts=1)


def test_an_archive_is_unpacked_within_its_folder(tmp_path: Path) -> None:
    for name, member in (("good.tar.gz", "a/b.txt"), ("bad.tar.gz", "../out.txt")):
        with tarfile.open(tmp_path / name, "w:gz") as archive:
            entry = tarfile.TarInfo(member)
            entry.size = 1
            archive.addfile(entry, io.BytesIO(b"x"))
    download_and_unpack((tmp_path / "good.tar.gz").as_uri(), tmp_path / "into")
    assert (tmp_path / "into/a/b.txt").read_bytes() == b"x"
    with pytest.raises(DataError, match=r"bad\.tar\.gz cannot be unpacked .*; delete it"):
        download_and_unpack((tmp_path / "bad.tar.gz").as_uri(), tmp_path / "into")
    assert not (tmp_path / "out.txt").exists()
