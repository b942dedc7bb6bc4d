"""The pages that are made from the code: commands, configuration, the picture of the phases."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import draw_phases
import pytest
import typer
import write_commands
import write_configuration
import yaml
from fact.cli import app

REPOSITORY = Path(__file__).parents[3]
PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
COMMANDS = dict(write_commands.commands(typer.main.get_command(app), ("fact",)))
# options that every command has
HELP = {"--help", "-h"}


def test_every_command_has_its_section_with_its_options() -> None:
    page = write_commands.page()
    for words, command in COMMANDS.items():
        section = page.split(f"## {' '.join(words)}\n", 1)[1].split("\n## ", 1)[0]
        assert all(
            option in section
            for parameter in command.params
            for option in parameter.opts[:1]
            if "-" in option
        )


def test_a_text_in_angle_brackets_is_no_html() -> None:
    assert "&lt;class>" in write_commands.page()


def test_every_key_of_the_run_has_its_line() -> None:
    page = write_configuration.page()
    schema = yaml.safe_load(write_configuration.SCHEMA.read_text("utf-8"))
    assert all(f"\n## {name}\n" in page for name in schema["properties"])
    assert all(f"| `{key}` | " in page for key in schema["properties"]["run"]["properties"])


def test_the_picture_of_the_phases_is_drawn_by_its_command() -> None:
    assert draw_phases.PICTURE.read_text("utf-8") == draw_phases.picture()


def shown_commands() -> Iterator[tuple[str, str]]:
    """Lines of README and pages that call `fact`, with the page's name; continued lines are joined."""
    for page in PAGES:
        for block in re.findall(r"```(?:sh|bash|console)\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
            for line in block.replace("\\\n", " ").splitlines():
                if match := re.match(r"(?:time )?(fact .+)", line.strip()):
                    yield page.name, match[1]


def known(words: list[str]) -> tuple[str, ...]:
    """The longest beginning of a line that is a command. Raises KeyError where there is none."""
    for count in (3, 2):
        if tuple(words[:count]) in COMMANDS:
            return tuple(words[:count])
    raise KeyError(" ".join(words))


@pytest.mark.parametrize(("page", "line"), sorted(set(shown_commands())))
def test_commands_in_the_documentation_exist_with_their_options(page: str, line: str) -> None:
    words = shlex.split(line, comments=True)
    parameters = COMMANDS[known(words)].params
    options = {name for parameter in parameters for name in (*parameter.opts, *parameter.secondary_opts)}
    used = {word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)}
    assert used <= options | HELP
