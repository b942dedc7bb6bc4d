from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from fact.backbones.download import download


@pytest.fixture
def server():
    """A server that sends five bytes; /short.th announces nine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "9" if "short" in self.path else "5")
            self.end_headers()
            self.wfile.write(b"bytes")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_file_is_fetched_once(server: str, tmp_path: Path) -> None:
    path = download(f"{server}/m.th", tmp_path / "weights")
    assert path == tmp_path / "weights/m.th" and path.read_bytes() == b"bytes"
    path.write_bytes(b"put here by hand")
    assert download(f"{server}/m.th", tmp_path / "weights").read_bytes() == b"put here by hand"


def test_a_file_that_ends_early_is_refused_and_leaves_nothing(server: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"short\.th ended after 5 of 9 bytes; run this again"):
        download(f"{server}/short.th", tmp_path)
    assert not list(tmp_path.iterdir())


def test_without_a_network_the_remedy_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"could not be fetched .* or put the file at .*m\.th"):
        download("http://127.0.0.1:9/m.th", tmp_path)
