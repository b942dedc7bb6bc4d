"""Settings of the documentation's site: `make docs` builds it with Sphinx, every warning an error."""

import re
import sys
from pathlib import Path

DOCS = Path(__file__).parent
sys.path[:0] = [str(DOCS), str(DOCS.parent / "workflow")]

import fact  # noqa: E402
import write_commands  # noqa: E402
import write_configuration  # noqa: E402
from pygments.lexers.special import TextLexer  # noqa: E402
from sphinx.application import Sphinx  # noqa: E402
from sphinx.highlighting import lexers  # noqa: E402

project = "FACT"
author = "The FACT authors"
version = release = fact.__version__
language = "en"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.viewcode"]
exclude_patterns = ["_build"]
# headings are link targets, as on a page of a code host
myst_heading_anchors = 4
myst_enable_extensions = ["deflist"]
autodoc_typehints = "description"
autodoc_member_order = "bysource"
# drawn by code hosts; here it stands as text, for a drawing would need a script from the network
lexers["mermaid"] = TextLexer()
html_theme = "pydata_sphinx_theme"
html_title = "FACT"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_theme_options = {
    "navigation_depth": 2,
    "show_toc_level": 2,
    "secondary_sidebar_items": ["page-toc"],
    "navbar_align": "left",
    "footer_start": ["copyright"],
    "footer_end": [],
}
# pages of the repository that are read here under another name
ELSEWHERE = {
    "README.md": "/index.md",
    "config/README.md": "/reference/configuration.md",
    "results/README.md": "/reference/results.md",
    "CHANGELOG.md": "/changelog.md",
}
LINK = re.compile(rf"\]\((?:\.\./)+({'|'.join(map(re.escape, ELSEWHERE))})")
copyright = "The FACT authors, Apache-2.0"


def write_reference(app: Sphinx) -> None:
    """Write the pages that are made from the schema and from the command line."""
    folder = DOCS / "reference"
    for name, text in (("commands", write_commands.page()), ("configuration", write_configuration.page())):
        path = folder / f"{name}.md"
        # an unchanged page is not built again
        if not path.is_file() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")


def lead_elsewhere(app: Sphinx, page: str, source: list[str]) -> None:
    """Let links to pages outside of this folder lead to their copies on the site."""
    source[0] = LINK.sub(lambda link: f"]({ELSEWHERE[link[1]]}", source[0])


def setup(app: Sphinx) -> None:
    """Tell Sphinx of both; called by it."""
    app.connect("builder-inited", write_reference)
    app.connect("source-read", lead_elsewhere)
