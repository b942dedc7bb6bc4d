import socket
from pathlib import Path

import pytest
from fact.infra.errors import MachineError
from fact.project.labelling.serve import (
    LOCK,
    LastServed,
    ServerSettings,
    _alone,
    _bound,
    address_lines,
    address_of,
    open_browser,
    read_last,
)

SETTINGS = ServerSettings("127.0.0.1", 0, "anna", browser=False)


def test_the_port_is_that_of_the_last_time_where_it_is_free() -> None:
    with _bound(SETTINGS, 0) as first:
        port = first.getsockname()[1]
        with _bound(SETTINGS, port) as second:
            assert second.getsockname()[1] != port
    with _bound(SETTINGS, port) as again:
        assert again.getsockname()[1] == port


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(MachineError, match=f"--port {port} .* is taken"),
            _bound(SETTINGS._replace(port=port), 0),
        ):
            pass


def test_a_host_of_another_machine_is_named() -> None:
    with pytest.raises(MachineError, match=r"192\.0\.2\.1"), _bound(SETTINGS._replace(host="192.0.2.1"), 0):
        pass


def test_whoever_has_the_address_may_connect_before_the_server_is_up() -> None:
    with _bound(SETTINGS, 0) as listening, socket.create_connection(listening.getsockname(), timeout=5):
        pass


def test_a_second_server_is_told_the_address_of_the_first(tmp_path: Path) -> None:
    with _alone(tmp_path / LOCK) as kept:
        kept.write(LastServed("127.0.0.1", 8123, "secret"))
        with pytest.raises(MachineError, match=r"127\.0\.0\.1:8123/\?token=secret"), _alone(tmp_path / LOCK):
            pass
    with _alone(tmp_path / LOCK) as again:
        assert again.read() == LastServed("127.0.0.1", 8123, "secret")
    assert (tmp_path / LOCK).stat().st_mode & 0o077 == 0, "the token is nobody else's"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"port": 1, "other": 2}'])
def test_a_file_that_was_cut_off_is_none(content: bytes) -> None:
    assert read_last(content) == LastServed()


def test_others_in_the_network_are_warned_of() -> None:
    alone, open_to_all = (" ".join(address_lines("http://x", 80, host)) for host in ("127.0.0.1", "0.0.0.0"))
    assert "ssh -L 80:127.0.0.1:80" in alone and "beware" not in alone
    assert "beware" in open_to_all and "not encrypted" in open_to_all


def test_the_address_is_one_that_a_browser_here_reaches() -> None:
    hosts = {"127.0.0.1": "127.0.0.1", "0.0.0.0": "127.0.0.1", "192.168.1.7": "192.168.1.7", "::1": "[::1]"}
    for host, shown in hosts.items():
        assert address_of(host, 80, "x") == f"http://{shown}:80/?token=x"


def test_where_there_is_no_browser_the_address_is_to_be_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    for found in (True, False):
        monkeypatch.setattr("webbrowser.open", lambda address, found=found: found)
        open_browser("http://x", said.append)
    assert len(said) == 1 and "open that address" in said[0]
