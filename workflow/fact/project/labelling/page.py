"""The page as HTML: served by this machine, or one file that needs no server."""

from fact.infra.fields import Settings
from fact.report.page.inlining import content_security_policy, own_code, script_json
from fact.report.page.page import page_environment, page_file

TEMPLATE, STYLE, SCRIPTS = "label.html.j2", "label.css", ("label.js",)


def render_page(title: str, data: Settings | None = None, *, beside: bool = False) -> str:
    """Return the page. ``data``: all that it shows, for a page without a server; else it asks for that.

    ``beside``: whether images lie in files beside it.
    """
    style, scripts = _style(), [page_file(name, __package__) for name in SCRIPTS]
    return (
        page_environment()
        .from_string(page_file(TEMPLATE, __package__))
        .render(
            title=title,
            policy=_policy(served=data is None, beside=beside),
            style=own_code(style),
            scripts=[own_code(text) for text in scripts],
            data=None if data is None else script_json(data),
        )
    )


def page_headers() -> dict[str, str]:
    """Return the headers of the served page: only its own code runs, and asks this server alone."""
    return {
        "content-security-policy": f"{_policy(served=True, beside=False)}; frame-ancestors 'none'",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
    }


def _policy(*, served: bool, beside: bool) -> str:
    """Return the content-security-policy: that of the report, and images and answers of the own server."""
    policy = content_security_policy([page_file(name, __package__) for name in SCRIPTS], [_style()])
    if served:
        policy = policy.replace("img-src data:", "img-src data: 'self'") + "; connect-src 'self'"
    # a page that was opened from the disk has no origin of its own
    return policy.replace("img-src data:", "img-src data: file:") if beside else policy


def _style() -> str:
    return page_file("page.css") + page_file(STYLE, __package__)
