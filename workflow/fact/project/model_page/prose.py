"""The model card's Markdown as HTML: paragraphs, lists, bold, code, and signs behind a backslash."""

import re

from markupsafe import Markup, escape

_PART = re.compile(r"\\(?P<sign>.)|\*\*(?P<bold>.+?)\*\*|`(?P<code>[^`]+)`", re.DOTALL)
BULLET = "- "


def prose(text: str) -> Markup:
    """Return paragraphs and lists. Everything in them is escaped."""
    blocks = (block for block in text.strip().split("\n\n") if block)
    return Markup("\n").join(_block(block) for block in blocks)


def inline(text: str) -> Markup:
    """Return a line with its bold parts and code. Everything in it is escaped."""
    parts, end = [], 0
    for match in _PART.finditer(text):
        parts += [escape(text[end : match.start()]), _part(match)]
        end = match.end()
    return Markup("").join([*parts, escape(text[end:])])


def _part(match: re.Match[str]) -> Markup:
    if match["bold"] is not None:
        return Markup("<strong>{}</strong>").format(inline(match["bold"]))
    if match["code"] is not None:
        return Markup("<code>{}</code>").format(match["code"])
    return escape(match["sign"])


def _block(block: str) -> Markup:
    lines = block.splitlines()
    if all(line.startswith(BULLET) for line in lines):
        items = (Markup("<li>{}</li>").format(inline(line.removeprefix(BULLET))) for line in lines)
        return Markup("<ul>{}</ul>").format(Markup("").join(items))
    return Markup("<p>{}</p>").format(inline(block))
