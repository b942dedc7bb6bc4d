"""The pages that are made from the code: commands, configuration, the picture of the phases."""

import draw_phases
import typer
import write_commands
import write_configuration
import yaml
from fact.cli import app

COMMANDS = dict(write_commands.commands(typer.main.get_command(app), ("fact",)))


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
    keys = schema["properties"]["run"]["properties"]
    assert all((f"| `{key}` | " in page) == ("not" not in value) for key, value in keys.items())


def test_the_picture_of_the_phases_is_drawn_by_its_command() -> None:
    assert draw_phases.PICTURE.read_text("utf-8") == draw_phases.picture()
