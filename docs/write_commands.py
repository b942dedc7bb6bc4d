"""Write the reference of the command line from the commands themselves.

python docs/write_commands.py          # prints the page
"""

from collections.abc import Iterator
from typing import Any

import typer
from fact.cli import app

# what typer makes of an app: classes of click, or of typer's own copy of it
Command = Any

INTRODUCTION = """\
# Commands

Every command ends with status 0 when it is done, 1 for an error that you can mend or a check that failed,
and 2 for wrong usage. This page is made from `fact --help`.
"""


def commands(command: Command, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Command]]:
    """Yield every command with the words that call it; groups alone are none."""
    if hasattr(command, "commands"):
        for name, child in command.commands.items():
            yield from commands(child, (*words, name))
    elif not command.hidden:
        yield words, command


def page() -> str:
    """Return the page as Markdown."""
    found = commands(typer.main.get_command(app), ("fact",))
    return "\n".join([INTRODUCTION, *(section(words, command) for words, command in found)])


def section(words: tuple[str, ...], command: Command) -> str:
    """Return what a command does, how it is called, and its arguments and options."""
    context = command.context_class(command, info_name=" ".join(words))
    pieces = (
        piece.replace("{", "").replace("}", "").upper() for piece in command.collect_usage_pieces(context)
    )
    usage = " ".join([*words, *pieces])
    rows = [
        row(parameter, context) for parameter in command.params if not getattr(parameter, "hidden", False)
    ]
    table = ["| argument or option | what it is |", "|---|---|", *rows] if rows else []
    lines = [f"## {' '.join(words)}", "", told(command.help), "", "```text", usage, "```"]
    return "\n".join([*lines, "", *table, ""])


def told(text: str | None) -> str:
    """Return a command's help as Markdown; behind a form feed stands what the terminal leaves out."""
    return (text or "").split("\f")[0].replace("\b\n", "").strip()


def row(parameter: Command, context: typer.Context) -> str:
    """Return a parameter as a line of the table."""
    names = [*parameter.opts, *parameter.secondary_opts]
    name = ", ".join(names) if parameter.param_type_name == "option" else parameter.name.upper()
    described = getattr(parameter, "help", None) or ""
    default = parameter.get_default(context, call=False)
    shown = (
        f" Default: `{default}`."
        if default not in (None, False, (), "", ...) and not callable(default)
        else ""
    )
    needed = " Required." if parameter.required else ""
    return f"| `{name}` | {' '.join(described.split()).replace('<', '&lt;')}{needed}{shown} |"


if __name__ == "__main__":
    print(page(), end="")
