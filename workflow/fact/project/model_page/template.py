"""The page's template, filled."""

from collections.abc import Mapping
from functools import cache

from jinja2 import Template

from fact.project.model_page.album import Thumbnail
from fact.project.model_page.answer import scale_of
from fact.project.model_page.contents import Contents
from fact.project.model_page.prose import inline, prose
from fact.project.model_page.tiles import shown_name, shown_share
from fact.project.rounds import worth
from fact.report.page.inlining import content_security_policy, own_code
from fact.report.page.page import page_environment, page_file


class _Once:
    """Whether a name is asked for the first time: there its picture is embedded."""

    def __init__(self) -> None:
        self.seen: set[str] = set()

    def __call__(self, name: str) -> bool:
        is_first = name not in self.seen
        self.seen.add(name)
        return is_first


SECTIONS = {
    "answer": "How good the model is",
    "confusions": "What is taken for what",
    "doubtful": "Labels worth a second look",
    "pool": "What the model says of the other images",
    "next": "What to label next",
    "files": "Files that are not used",
    "use": "How to predict",
    "rounds": "Rounds of labels",
}


def render(contents: Contents, album: Mapping[str, Thumbnail], stamp: str) -> str:
    """Return the page. ``album``: pictures by sample id; ``stamp``: what tells whether it is up to date."""
    style = page_file("page.css") + page_file("model_page.css", __package__)
    script = page_file("model_page.js", __package__)
    seen = set(contents.in_view)
    return _template().render(
        contents=contents,
        findings=contents.findings,
        sections=_sections(contents),
        album=album,
        first=_Once(),
        kept={str(found.number): found.source for name, found in album.items() if name not in seen},
        scale_of=scale_of,
        stamp=stamp,
        policy=content_security_policy([script], [style]),
        style=own_code(style),
        script=own_code(script),
    )


def _sections(contents: Contents) -> dict[str, str]:
    """Return titles by key of the sections that have something to show."""
    several = len(contents.findings.rounds) > 1
    return {key: title for key, title in SECTIONS.items() if key != "rounds" or several}


@cache
def _template() -> Template:
    environment = page_environment()
    environment.filters |= {
        "prose": prose,
        "inline": inline,
        "name": shown_name,
        "share": shown_share,
        "worth": worth,
    }
    return environment.from_string(page_file("model_page.html.j2", __package__))
