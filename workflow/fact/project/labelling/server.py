"""What the server of the page answers to which address; :mod:`fact.project.labelling.guard` says to whom."""

import asyncio
import errno
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from fact.infra.errors import ConfigError, FactError, LabelError, is_users, one_line
from fact.infra.fields import Settings
from fact.project.folder import PAGE
from fact.project.labelling.adviser import Adviser, AdviserSettings
from fact.project.labelling.guard import COOKIE
from fact.project.labelling.listeners import Listeners
from fact.project.labelling.mark import read_mark
from fact.project.labelling.page import page_headers, render_page
from fact.project.labelling.pictures import THUMBNAIL, WHOLE, Shown
from fact.project.labelling.session import LabelSession, Standing
from fact.project.labelling.task import AUDIT
from fact.project.labelling.training import Running

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
SIDES = {"whole": WHOLE, "thumbnail": THUMBNAIL}
MOST_MARKS = 500
LARGEST_BUDGET = 1_000_000
Answer = Callable[[Request], Awaitable[Response]]


class LabelServer:
    """The answers of one task's page. ``annotator``: who labels where the page is told no other name."""

    def __init__(self, session: LabelSession, annotator: str, token: str, port: int) -> None:
        self.annotator, self.listeners = annotator, Listeners()
        self.cookie = f"{COOKIE.format(port=port)}={token}; HttpOnly; SameSite=Strict; Path=/"
        self.adviser: Adviser | None = None
        self._take(session)
        self.running = Running(self.task.project, self._tell_run) if self.task.project else None
        # marks are written one request after the other
        self.writing = asyncio.Lock()

    def _take(self, session: LabelSession) -> None:
        """Serve this session from now on."""
        self.session, self.task, self.shown = session, session.task, Shown(session.task)
        self.advice: dict[str, object] = {}

    def app(self) -> Starlette:
        """Return the application, without its guard."""
        get = {
            "/": self.page,
            "/state": self.state,
            "/events": self.events,
            "/image/{key}/{side}": self.image,
            "/mask/{key}": self.mask,
            "/part/{key}": self.part,
            "/model": self.model,
        }
        post = {"/marks": self.marks, "/classes": self.add_class}
        post |= {"/train": self.train, "/stop": self.stop, "/more": self.more} if self.running else {}
        routes = [Route(path, plainly(answer)) for path, answer in get.items()]
        routes += [Route(path, plainly(answer), methods=["POST"]) for path, answer in post.items()]
        return Starlette(routes=routes, lifespan=self.lifespan)

    @asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        """Begin and end what goes on beside the answers."""
        self._begin_advice()
        yield
        if self.running:
            self.running.stop()
            await self.running.ended()
        if self.adviser:
            self.adviser.end()

    def _begin_advice(self) -> None:
        """Begin to ask a probe for advice, where there are features to fit it on."""
        if self.task.features is None:
            return
        ids = [image.sample_id for image in self.task.images]
        settings = AdviserSettings(self.task.features, ids, self.task.groups)
        loop, session = asyncio.get_running_loop(), self.session

        def tell(news: Settings) -> None:
            loop.call_soon_threadsafe(self._tell_advice, session, news)

        self.adviser = Adviser(settings, tell)
        self.adviser.give(session.learnt_from())

    async def page(self, request: Request) -> Response:
        """Answer with the page itself; it keeps the token as a cookie that no other page may use."""
        html, headers = render_page(self.task.title), page_headers()
        return HTMLResponse(html, headers={**headers, "set-cookie": self.cookie})

    async def state(self, request: Request) -> Response:
        """Answer with all that the page shows at first."""
        images = [[image.key, image.path, image.part, image.sha256[:8]] for image in self.task.images]
        return JSONResponse(
            {
                "title": self.task.title,
                "annotator": self.annotator,
                "images": images,
                "classes": self.session.classes,
                "marks": [standing._asdict() for standing in self.session.standing()],
                "masks": self.task.read_mask is not None,
                "cropped": self.task.resize is not None,
                "can_train": self.running is not None,
                "has_model": self._model_page() is not None,
                "run": self.running.state if self.running else {"state": "idle"},
                "advice": self.advice,
            }
        )

    async def events(self, request: Request) -> Response:
        """Answer with news for as long as the page is open."""
        queue = self.listeners.join()
        return StreamingResponse(self.listeners.stream(queue), media_type="text/event-stream")

    async def image(self, request: Request) -> Response:
        """Answer with an image, upright."""
        side = SIDES.get(request.path_params["side"])
        if side is None:
            raise LabelError(f"an image is {' or '.join(SIDES)}")
        return await self._picture(request, side)

    async def mask(self, request: Request) -> Response:
        """Answer with the mask of an image."""
        if self.task.read_mask is None:
            raise LabelError("there are no masks here; name their folder: --masks FOLDER")
        return await self._picture(request, WHOLE, mask=True)

    async def part(self, request: Request) -> Response:
        """Answer with which part of an image the model sees."""
        return JSONResponse({"part": await run_in_threadpool(self.shown.part, self._number(request))})

    async def marks(self, request: Request) -> Response:
        """Write what was said onto the disk, then say so."""
        sent = await request.json()
        if not isinstance(sent, list) or len(sent) > MOST_MARKS:
            raise LabelError(f"marks come as a list of at most {MOST_MARKS}")
        marks = [read_mark(one, self.task) for one in sent]
        async with self.writing:
            known = len(self.session.classes)
            new = await run_in_threadpool(self.session.record, marks)
        self._tell_marks(new)
        if len(self.session.classes) > known:
            self._tell_classes()
        return JSONResponse({"saved": [mark.event for mark in marks]})

    async def add_class(self, request: Request) -> Response:
        """Add a class."""
        sent = await request.json()
        async with self.writing:
            name = self.session.add_class(str(sent.get("name", "")) if isinstance(sent, dict) else "")
        self._tell_classes()
        return JSONResponse({"name": name})

    async def train(self, request: Request) -> Response:
        """Begin to train on what is labelled."""
        self._runner().start([["run", str(self.task.project), "--progress-json"]])
        return JSONResponse({"state": "running"})

    async def stop(self, request: Request) -> Response:
        """Interrupt the run."""
        self._runner().stop()
        return JSONResponse({"state": "stopping"})

    async def more(self, request: Request) -> Response:
        """Choose more images to label, from where the labels are now."""
        sent = await request.json()
        budget = sent.get("budget") if isinstance(sent, dict) else None
        if not isinstance(budget, int) or isinstance(budget, bool) or not 0 < budget <= LARGEST_BUDGET:
            raise ConfigError(f"{budget!r} is no number of images to label")
        folder = str(self.task.project)
        choose = ["run", folder, "--no-train", "--progress-json"]
        self._runner().start([choose, ["more", folder, "--budget", str(budget)], choose])
        return JSONResponse({"state": "running"})

    async def model(self, request: Request) -> Response:
        """Answer with the page of the model, if there is one."""
        path = self._model_page()
        if path is None:
            raise LabelError("there is no model yet; train one")
        return HTMLResponse(await run_in_threadpool(path.read_text, "utf-8"))

    async def _picture(self, request: Request, side: int, *, mask: bool = False) -> Response:
        content, kind = await run_in_threadpool(self.shown.encoded, self._number(request), side, mask=mask)
        # the address has the image's checksum, so that another image has another one
        headers = {"cache-control": "private, max-age=86400", "x-content-type-options": "nosniff"}
        return Response(content, media_type=kind, headers=headers)

    def _model_page(self) -> Path | None:
        path = self.task.project / PAGE if self.task.project else None
        return path if path and path.is_file() else None

    def _number(self, request: Request) -> int:
        key = request.path_params["key"]
        if key not in self.task.numbers:
            raise LabelError("this image was not asked for; load the page again")
        return self.task.numbers[key]

    def _runner(self) -> Running:
        if self.running is None:
            raise ConfigError("there is nothing to train here; fact label PROJECT has a project")
        return self.running

    def _tell_marks(self, new: list[Standing]) -> None:
        if new:
            self.listeners.tell("marks", {"marks": [standing._asdict() for standing in new]})
            if self.adviser:
                self.adviser.give(self.session.learnt_from())

    def _tell_classes(self) -> None:
        self.listeners.tell("classes", {"classes": self.session.classes})

    def _tell_advice(self, session: LabelSession, news: Settings) -> None:
        # of an adviser that has been replaced, positions mean other images
        if session is self.session:
            news = self._without_audit(news)
            self.advice |= news
            self.listeners.tell("advice", news)

    def _without_audit(self, news: Settings) -> Settings:
        """Return advice without suggestions for an audit: whoever measures is told nothing."""
        if "suggestions" not in news:
            return news
        asked, found = self.task.images, news["suggestions"]
        return {**news, "suggestions": {row: found[row] for row in found if asked[row].part != AUDIT}}

    def _tell_run(self, news: Settings) -> None:
        self.listeners.tell("run", {**news, "has_model": self._model_page() is not None})
        if news["state"] == "done":
            self._renew()

    def _renew(self) -> None:
        """Serve other images where others are asked for now; what hinders that is told as the run's end."""
        try:
            task = self.task.again() if self.task.again else self.task
        except (FactError, OSError) as error:
            self.listeners.tell("run", {"state": "failed", "lines": [one_line(error)]})
            return
        if [image.key for image in task.images] == [image.key for image in self.task.images]:
            return
        if self.adviser:
            self.adviser.end()
        self._take(LabelSession(task))
        self._begin_advice()
        self.listeners.tell("images", {})


def plainly(answer: Answer) -> Answer:
    """Return the same with errors that a person can mend as plain text: 507 where the disk is full."""

    async def answered(request: Request) -> Response:
        try:
            return await answer(request)
        except (FactError, OSError) as error:
            if not is_users(error):
                raise
            full = isinstance(error, OSError) and error.errno in FULL
            gone = isinstance(error, FileNotFoundError)
            return PlainTextResponse(one_line(error), 507 if full else 404 if gone else 422)
        except ValueError:
            return PlainTextResponse("this is no JSON", 400)

    return answered
