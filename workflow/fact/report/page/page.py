"""Sections to one HTML page that holds its own figures, style, script and data."""

import re
from collections.abc import Mapping, Sequence
from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from fact.report.drawing.markers import marker
from fact.report.drawing.svg import WIDTH, attributes
from fact.report.page.colours import colours_css
from fact.report.page.inlining import content_security_policy, own_code, script_json
from fact.report.page.section import Entry, Figure, Section
from fact.report.page.templates import TEMPLATES


def render_page(
    title: str,
    sections: Sequence[Section],
    choices: Mapping[str, Sequence[str]],
    pictures: Sequence[tuple[str, str]] = (),
) -> str:
    """Return the page. Every text is escaped; the policy allows no other script, style or request.

    ``choices``: values by field that the filter offers; ``pictures``: data address and caption of images
    that figures name by their number.
    """
    template, shared, own, script = map(page_file, TEMPLATES)
    style = shared + own + colours_css()
    return (
        _environment()
        .from_string(template)
        .render(
            title=title,
            sections=sections,
            choices=choices,
            pictures=pictures,
            policy=content_security_policy([script], [style]),
            style=own_code(style),
            script=own_code(script),
        )
    )


def page_file(name: str, package: str = __package__) -> str:
    """Return the text of a file in a package, else of one beside this module."""
    return files(package).joinpath(name).read_text("utf-8")


def page_environment() -> Environment:
    """Return what renders templates: every text is escaped, and a name without a value is refused."""
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["script_json"] = script_json
    environment.tests["of_kind"] = lambda part, kind: type(part).__name__ == kind
    return environment


def _environment() -> Environment:
    environment = page_environment()
    environment.tests["wide"] = _is_wide
    environment.filters["data_keys"] = _data_keys
    environment.filters["swatch"] = _swatch
    environment.filters["prose"] = _prose
    return environment


def _is_wide(figure: Figure) -> bool:
    """Return whether a figure is wider than a phone, so that it scrolls by itself."""
    return f' width="{WIDTH}" ' not in figure.svg.partition(">")[0]


def _data_keys(keys: Mapping[str, str]) -> Markup:
    return Markup(attributes({f"data-{name}": value for name, value in keys.items()}))


def _prose(text: str) -> Markup:
    """Return an escaped text in which what stands between backticks is code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def _swatch(entry: Entry) -> Markup:
    shape = marker(entry.marker, 6, 6, 4.5)
    return Markup(f'<svg viewBox="0 0 12 12" class="c{entry.slot}" aria-hidden="true">{shape}</svg>')
