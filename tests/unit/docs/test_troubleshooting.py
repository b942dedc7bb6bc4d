"""Every error that the page of troubleshooting quotes is one that the code says, in these words."""

import ast
import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[3]
PAGE = (REPOSITORY / "docs/troubleshooting.md").read_text("utf-8")
HEADINGS = re.findall(r"^\*\*(`.*`)\*\*$", PAGE, re.MULTILINE)
QUOTED = re.compile(r"``(.+?)``|`([^`]+)`")


def said() -> str:
    """All texts of the library and the rules, the parts of one message joined by a blank."""
    texts = []
    for path in (REPOSITORY / "workflow/fact").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                texts += [part.value for part in node.values if isinstance(part, ast.Constant)]
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.append(node.value)
    return "\n".join(map(str, texts))


@pytest.fixture(scope="module")
def texts() -> str:
    return said()


def test_twenty_errors_are_explained() -> None:
    assert len(HEADINGS) >= 20


@pytest.mark.parametrize("heading", HEADINGS)
def test_the_error_is_said_in_these_words(heading: str, texts: str) -> None:
    for quoted in QUOTED.findall(heading):
        assert "".join(quoted).strip() in texts
