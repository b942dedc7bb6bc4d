"""Sections to one HTML page that holds its own charts library, style and data."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from fact.report.page.inlining import content_security_policy, own_code, script_json
from fact.report.page.section import Section
from fact.report.page.templates import TEMPLATES


def render_page(title: str, sections: Sequence[Section]) -> str:
    """Return the page. Every text is escaped; the policy allows no other script, style or request."""
    template, style, script = map(page_file, TEMPLATES)
    library = charts_library()
    return (
        page_environment()
        .from_string(template)
        .render(
            title=title,
            sections=sections,
            policy=content_security_policy([library, script], [style]),
            library=own_code(library),
            style=own_code(style),
            script=own_code(script),
        )
    )


def page_file(name: str, package: str = __package__) -> str:
    """Return the text of a file in a package, else of one beside this module."""
    return files(package).joinpath(name).read_text("utf-8")


@cache
def charts_library() -> str:
    """Return Vega, Vega-Lite and Vega-Embed as one script, out of the vl-convert package."""
    from vl_convert import javascript_bundle

    # its types know no default of the snippet
    return javascript_bundle()  # type: ignore[call-arg]


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
