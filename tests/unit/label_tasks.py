"""Tasks for the page of `fact label`: a few images, and a server that is asked without a network."""

import asyncio
import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
from fact.data.image_files import read_file
from fact.data.images import Resize
from fact.project.labelling.guard import Guard
from fact.project.labelling.server import LabelServer
from fact.project.labelling.session import LabelSession
from fact.project.labelling.task import AskedImage, LabelTask
from PIL import Image

TOKEN, PORT = "a-token", 8888
HOST = f"127.0.0.1:{PORT}"
OWN = {"host": HOST, "cookie": f"fact_label_{PORT}={TOKEN}"}


def make_task(folder: Path, names: list[str], **changes: object) -> LabelTask:
    """A task of grey images of 60 by 40 pixels, each of another brightness."""
    folder.mkdir(exist_ok=True)
    for number, name in enumerate(names):
        Image.fromarray(np.full((40, 60, 3), 10 * number, np.uint8)).save(folder / name, "PNG")
    images = [AskedImage(name, name, "", "this round") for name in names]
    settings = {"resize": Resize(32, transform="crop"), **changes}
    journal = folder.parent / "labels_journal.jsonl"
    return LabelTask(
        "birds", images, journal, lambda image: read_file(folder, image.path, None, exif=True), **settings
    )


def sent(task: LabelTask, number: int, choice: str = "", **changes: str) -> dict[str, str]:
    """A mark as the page sends it."""
    mark = {"event": f"event-{number}-{choice}", "image": task.images[number].key, "annotator": "anna"}
    return {**mark, "kind": "label" if choice else "clear", "choice": choice, "suggested": "", **changes}


class Answered(NamedTuple):
    """What a server answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> object:
        return json.loads(self.body)


class Asked:
    """A guarded server in this process."""

    def __init__(self, task: LabelTask) -> None:
        self.session = LabelSession(task)
        self.server = LabelServer(self.session, "anna", TOKEN, PORT)
        names = ("127.0.0.1", "localhost")
        self.app = Guard(self.server.app(), TOKEN, PORT, names, remote=False)

    def get(self, path: str, query: str = "", **headers: str) -> Answered:
        return ask(self.app, "GET", path, query=query, headers={**OWN, **with_dashes(headers)})

    def post(self, path: str, body: object, **headers: str) -> Answered:
        own = {**OWN, "origin": f"http://{HOST}", "content-type": "application/json"}
        own |= with_dashes(headers)
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return ask(self.app, "POST", path, headers=own, body=content)


def with_dashes(headers: dict[str, str]) -> dict[str, str]:
    """Headers under the names that they have."""
    return {name.replace("_", "-"): value for name, value in headers.items()}


def ask(
    app, method: str, path: str, *, query: str = "", headers: dict[str, str], body: bytes = b""
) -> Answered:
    """Send one request to an application."""
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "http_version": "1.1",
        "scheme": "http",
        "server": ("127.0.0.1", PORT),
    }
    messages: list[dict] = []

    async def receive() -> dict:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict) -> None:
        messages.append(message)

    asyncio.run(app(scope, receive, send))
    start = messages[0]
    found = {name.decode(): value.decode() for name, value in start["headers"]}
    return Answered(start["status"], found, b"".join(message.get("body", b"") for message in messages[1:]))
