"""Who may ask the page for anything: the person who holds its token, from the page itself."""

import secrets
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from fact.infra.errors import LabelError

COOKIE = "fact_label_{port}"
LARGEST_BODY = 256 * 1024
LARGEST_QUERY = 2048
REFUSED = "this page is opened by the address that `fact label` printed, with its token"


class Guard:
    """Let through what comes from the page's own address with its token; answer all else with a refusal.

    ``names``: hosts by which the page may be asked for, at any port, as a tunnel may have another. Where
    ``remote`` is true, addresses of the machine are such hosts too. A foreign name that leads here (DNS
    rebinding) is none. A foreign page has no token: its requests carry neither the cookie (SameSite) nor
    this origin.
    """

    def __init__(self, app: ASGIApp, token: str, port: int, names: tuple[str, ...], remote: bool) -> None:
        self.app, self.token, self.port = app, token, port
        self.names, self.remote = names, remote

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        problem = self.problem(scope) if scope["type"] == "http" else (403, "there are no sockets here")
        if problem:
            status, text = problem
            await PlainTextResponse(f"{text}\n", status)(scope, receive, send)
            return
        await self.app(scope, _limited(receive), send)

    def problem(self, scope: Scope) -> tuple[int, str] | None:
        """Return status and text of a refusal, None for a request that may pass."""
        headers = Headers(scope=scope)
        if not self._is_own(headers.get("host", "")):
            return 421, "unknown host name; open the address that `fact label` printed"
        if len(scope["query_string"]) > LARGEST_QUERY:
            return 414, "the address is too long"
        length = headers.get("content-length", "0")
        if not length.isdecimal():
            return 400, "the length of the request is no number"
        if int(length) > LARGEST_BODY:
            return 413, f"more than {LARGEST_BODY} bytes at once"
        foreign = headers.get("origin", f"http://{headers['host']}") != f"http://{headers['host']}"
        if foreign or (headers.get("sec-fetch-site", "none") == "cross-site" and scope["method"] != "GET"):
            return 403, "requests from other pages are refused"
        if scope["method"] not in ("GET", "HEAD") and headers.get("content-type") != "application/json":
            return 415, "only application/json is taken"
        return None if self._has_token(headers, scope["query_string"]) else (403, REFUSED)

    def _is_own(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return name in self.names or (self.remote and _is_address(name))

    def _has_token(self, headers: Headers, query: bytes) -> bool:
        given = parse_qs(query.decode("latin-1")).get("token", [])
        given += _cookie(headers.get("cookie", ""), COOKIE.format(port=self.port))
        # compared in a time that does not tell how much of it is right
        return any([secrets.compare_digest(value.encode(), self.token.encode()) for value in given])


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _cookie(text: str, name: str) -> list[str]:
    try:
        cookies = SimpleCookie(text)
    except CookieError:
        return []
    return [cookies[name].value] if name in cookies else []


def _limited(receive: Receive) -> Receive:
    """Return what reads a body up to its limit, whatever length was announced."""
    got = 0

    async def limited() -> dict:
        nonlocal got
        message = await receive()
        got += len(message.get("body", b""))
        if got > LARGEST_BODY:
            raise LabelError(f"more than {LARGEST_BODY} bytes at once")
        return dict(message)

    return limited
