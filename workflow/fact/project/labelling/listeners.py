"""Pages that are open: whatever happens is told to each of them, in order."""

import asyncio
import json
from collections.abc import AsyncIterator

from fact.infra.errors import MachineError
from fact.infra.fields import Settings

MOST_PAGES = 40
MOST_WAITING = 1000
HEARTBEAT_S = 1.0


class Listeners:
    """Queues of news, one per open page. For use in one event loop."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[str]] = set()
        self.closing = False

    def tell(self, kind: str, news: Settings) -> None:
        """Put news of a kind, plain JSON, into every queue; a page that does not read has to load again."""
        text = json.dumps({"kind": kind, **news})
        for queue in list(self._queues):
            if queue.qsize() >= MOST_WAITING:
                self._queues.discard(queue)
            else:
                queue.put_nowait(f"data: {text}\n\n")

    def join(self) -> "asyncio.Queue[str]":
        """Return the queue of a new page. Raises MachineError where too many are open."""
        if len(self._queues) >= MOST_PAGES:
            raise MachineError(f"{MOST_PAGES} pages are open; close one")
        queue: asyncio.Queue[str] = asyncio.Queue()
        self._queues.add(queue)
        return queue

    async def stream(self, queue: "asyncio.Queue[str]") -> AsyncIterator[str]:
        """Yield news as server-sent events until the server ends, and a comment where there is none."""
        try:
            while queue in self._queues and not self.closing:
                try:
                    yield await asyncio.wait_for(queue.get(), HEARTBEAT_S)
                except TimeoutError:
                    yield ": nothing new\n\n"
        finally:
            self._queues.discard(queue)
