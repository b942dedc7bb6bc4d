"""Serve the page until Ctrl-C: on this machine alone, unless told otherwise."""

import asyncio
import errno
import json
import os
import secrets
import socket
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import uvicorn

from fact.infra.errors import MachineError
from fact.infra.files.lock import take_lock
from fact.project.labelling.guard import Guard
from fact.project.labelling.server import LabelServer
from fact.project.labelling.session import LabelSession

LOOPBACK = "127.0.0.1"
NAMES = ("127.0.0.1", "localhost", "::1")
EVERYWHERE = ("0.0.0.0", "::")
LOCK = ".fact.label.lock"
# a page that is open holds a request open
SECONDS_TO_END = 2
MOST_REQUESTS = 200


class ServerSettings(NamedTuple):
    """``port`` 0 is any free one. ``annotator``: who labels where the page is told no other name."""

    host: str
    port: int
    annotator: str
    browser: bool


def serve(session: LabelSession, settings: ServerSettings, say: Callable[[str], None]) -> LabelSession:
    """Serve the page until it is stopped, and ``say`` its address; return the labels as they are then.

    Raises MachineError where the port is taken, or another server serves these labels.
    """
    with (
        _alone(session.task.journal.parent / LOCK) as kept,
        _bound(settings, kept.read().port) as listening,
    ):
        port = listening.getsockname()[1]
        token = kept.read().token or secrets.token_urlsafe(24)
        kept.write(LastServed(settings.host, port, token))
        address = address_of(settings.host, port, token)
        for line in address_lines(address, port, settings.host):
            say(line)
        server = LabelServer(session, settings.annotator, token, port)
        names = (*NAMES, settings.host.lower())
        guarded = Guard(server.app(), token, port, names, settings.host not in NAMES)
        if settings.browser:
            open_browser(address, say)
        asyncio.run(_run(_Server(_uvicorn(guarded), server), listening))
        return server.session


def address_of(host: str, port: int, token: str) -> str:
    """Return the address of the page, as a browser of this machine reaches it."""
    name = LOOPBACK if host in EVERYWHERE else f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}/?token={token}"


def open_browser(address: str, say: Callable[[str], None]) -> None:
    """Open the page in the machine's browser, or ``say`` that there is none."""
    if not webbrowser.open(address):
        say("           no browser could be opened here; open that address in one")


def address_lines(address: str, port: int, host: str) -> Iterator[str]:
    """Yield how the page is reached, and what an address that others can reach means."""
    yield f"page:      {address}"
    if host in NAMES:
        machine = socket.gethostname()
        yield f"           on another machine: ssh -L {port}:{LOOPBACK}:{port} {machine}, then that address"
        return
    if host in EVERYWHERE:
        yield f"           from elsewhere: the same with this machine's address instead of {LOOPBACK}"
    yield "beware:    everybody in this network who knows the address can see the images and label them,"
    yield "           and what is sent is not encrypted; without --host it stays on this machine"


class _Server(uvicorn.Server):
    """Tell open pages that it ends, so that it does not wait for them."""

    def __init__(self, config: uvicorn.Config, server: LabelServer) -> None:
        super().__init__(config)
        self.label_server = server

    def handle_exit(self, sig: int, frame: object) -> None:
        """Begin to end, or end at once where it was asked twice; what comes after it is still done."""
        self.label_server.listeners.closing = True
        self.force_exit, self.should_exit = self.should_exit, True


async def _run(server: _Server, listening: socket.socket) -> None:
    await server.serve(sockets=[listening])


def _uvicorn(guarded: Guard) -> uvicorn.Config:
    return uvicorn.Config(
        guarded,
        log_level="warning",
        access_log=False,
        server_header=False,
        ws="none",
        limit_concurrency=MOST_REQUESTS,
        timeout_graceful_shutdown=SECONDS_TO_END,
    )


@contextmanager
def _bound(settings: ServerSettings, before: int) -> Iterator[socket.socket]:
    """Hold an open port: the asked one, else the one of ``before`` where that is free, else any.

    Raises MachineError where it is taken or the host is none of this machine's.
    """
    try:
        listening = _listening(settings.host, settings.port or before)
    except OSError:
        listening = None
    if listening is None:
        listening = _asked_port(settings)
    with listening:
        yield listening


def _asked_port(settings: ServerSettings) -> socket.socket:
    try:
        return _listening(settings.host, settings.port)
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        why = "is taken; give another, or none for a free one" if taken else f"cannot be used ({error})"
        raise MachineError(f"--port {settings.port} on {settings.host} {why}") from error


def _listening(host: str, port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        # from here on whoever has the address may connect, and is answered once the server is up
        listening.listen(MOST_REQUESTS)
    except OSError:
        listening.close()
        raise
    return listening


class LastServed(NamedTuple):
    """Host, port and token of the last server: a page that is still open goes on with the next one."""

    host: str = LOOPBACK
    port: int = 0
    token: str = ""


class _Kept:
    """A file, held open and locked, that holds what was served last; nobody else may read it."""

    def __init__(self, lock: int) -> None:
        self.lock = lock
        os.fchmod(lock, 0o600)

    def read(self) -> LastServed:
        return read_last(os.pread(self.lock, 1000, 0))

    def write(self, last: LastServed) -> None:
        os.ftruncate(self.lock, 0)
        os.pwrite(self.lock, json.dumps(last._asdict()).encode(), 0)


def read_last(content: bytes) -> LastServed:
    """Return what was served last; nothing where the file was cut off or never written."""
    try:
        return LastServed(**json.loads(content))
    except (ValueError, TypeError):
        return LastServed()


@contextmanager
def _alone(path: Path) -> Iterator[_Kept]:
    """Hold the place of the one server of these labels. Raises MachineError where another holds it."""
    lock = take_lock(path)
    if lock is None:
        address = address_of(*read_last(path.read_bytes()))
        raise MachineError(f"`fact label` serves these labels already: open {address}, or end it with Ctrl-C")
    try:
        yield _Kept(lock)
    finally:
        os.close(lock)
