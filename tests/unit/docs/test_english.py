"""Pages, messages and comments are plain English: no turns that a reader stumbles over, no long sentences."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[3]
TEXTS = {".md", ".py", ".yaml", ".smk", ".j2", ".html", ".js", ".toml"}
AMOUNT = r"(?:one|once|[MGk]B|ms|seconds|bytes|minutes)"
# a turn, and what to write instead
BANNED = {
    rf"\b{AMOUNT} an? (?:line|image|job|core|iteration|class|row|score)\b": "write `per`: one row per score",
    r"\bis stands? in\b|\bstands? in\b[^.]*\bstands? in\b": "name the place once",
    r"\bbought\b": "labelled",
    r"\bread[- ]outs?\b": "nearest image",
    r"\brespectively\b": "say each by itself",
    r"\butili[sz]e[sd]?\b|\bleverag(?:e|es|ed|ing)\b": "use",
    r"\bin order to\b": "to",
    r"\bplease note\b|\bit should be noted\b": "leave it out",
}
LONGEST_MEAN = 20


def tracked(*suffixes: str) -> Iterator[Path]:
    """Files that git knows or would take, by their endings; this list of turns is none of them."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True).stdout.splitlines()
    paths = (REPOSITORY / name for name in names)
    yield from (p for p in paths if p.suffix in suffixes and p.is_file() and p != Path(__file__))


def found(turn: str, suffixes: set[str]) -> list[str]:
    pattern = re.compile(turn, re.IGNORECASE)
    lines = (
        f"{path.relative_to(REPOSITORY)}:{number}: {line.strip()}"
        for path in tracked(*suffixes)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if pattern.search(line)
    )
    return list(lines)


@pytest.mark.parametrize(("turn", "better"), BANNED.items())
def test_no_text_has_a_turn_that_readers_stumble_over(turn: str, better: str) -> None:
    assert not found(turn, TEXTS), f"better: {better}"


def sentences(page: str) -> list[str]:
    """The sentences of a page's prose: no code, tables, headings."""
    page = re.sub(r"```.*?```", "", page, flags=re.DOTALL)
    page = re.sub(r"^[|#].*$", "", page, flags=re.MULTILINE)
    page = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", re.sub(r"`[^`]*`", "X", page))
    blocks = re.split(r"\n\s*\n|\n(?=\s*[-*:] |\s*\d+\. )", page)
    found = (part for block in blocks for part in re.split(r"(?<=[.!?])\s+", " ".join(block.split())))
    return [sentence for sentence in found if len(sentence.split()) > 2]


@pytest.mark.parametrize("path", sorted(tracked(".md")), ids=lambda path: path.name)
def test_sentences_are_short_on_average(path: Path) -> None:
    lengths = [len(sentence.split()) for sentence in sentences(path.read_text("utf-8"))]
    assert not lengths or sum(lengths) / len(lengths) <= LONGEST_MEAN


def test_the_measure_of_sentences_sees_prose_alone() -> None:
    page = "# A long heading\n\nOne two three. Four `five six` seven!\n\n| a | b |\n\n```sh\nls -l\n```\n"
    assert sentences(page) == ["One two three.", "Four X seven!"]
