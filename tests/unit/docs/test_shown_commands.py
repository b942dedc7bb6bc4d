"""Commands that the README and the pages show exist: their options, configuration files, targets and scripts.

They are not run here. tests/workflow/test_readme.py runs the README's. Those of the pages on clusters,
downloads and hours of training cannot be run by a test.
"""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
import write_commands
import yaml
from fact.cli import app

REPOSITORY = Path(__file__).parents[3]
PAGES = [
    REPOSITORY / "README.md",
    REPOSITORY / "CONTRIBUTING.md",
    *sorted((REPOSITORY / "docs").rglob("*.md")),
]
COMMANDS = dict(write_commands.commands(typer.main.get_command(app), ("fact",)))
# options that every command has
HELP = {"--help", "-h"}
# files that a reader writes or makes
READERS = {"my.yaml", "few.yaml", "mine.yaml", "own.yaml", "selectors.yaml", "birds/fact.yaml"}
# options of Snakemake that are followed by one value
VALUED = {"--cores", "-c", "--jobs", "-j", "--profile", "--report", "--directory", "--sdm", "--resources"}
VALUED |= {"--snakefile", "--config"}


def shown(program: str) -> list[tuple[str, str]]:
    """Page and line of every call of a program in the pages' shell blocks; continued lines are joined."""
    found = set()
    for page in PAGES:
        if "_build" in page.parts:
            continue
        for block in re.findall(r"```(?:sh|bash|console)\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
            for line in block.replace("\\\n", " ").splitlines():
                if match := re.match(rf"(?:[A-Z_]+=\S* |time )*({program} .+)", line.strip()):
                    found.add((page.name, match[1]))
    return sorted(found)


def known(words: list[str]) -> tuple[str, ...]:
    """The longest beginning of a line that is a command. Raises KeyError where there is none."""
    for count in (3, 2):
        if tuple(words[:count]) in COMMANDS:
            return tuple(words[:count])
    raise KeyError(" ".join(words))


@pytest.mark.parametrize(("page", "line"), shown("fact"))
def test_a_command_of_fact_exists_with_its_options(page: str, line: str) -> None:
    words = shlex.split(line, comments=True)
    parameters = COMMANDS[known(words)].params
    options = {name for parameter in parameters for name in (*parameter.opts, *parameter.secondary_opts)}
    used = {word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)}
    assert used <= options | HELP


def targets_of(words: list[str]) -> Iterator[str]:
    """What a line asks Snakemake for; overlays are yielded as `--configfile NAME`."""
    rest, mode = iter(words[1:]), "targets"
    for word in rest:
        if word == "--":
            mode = "targets"
        elif word in ("--configfile", "--configfiles"):
            mode = "overlays"
        elif word in VALUED:
            next(rest, None)
        elif word in ("|", "&&", ">", ";"):
            return
        elif not word.startswith("-"):
            yield word if mode == "targets" else f"--configfile {word}"
        elif mode == "overlays":
            mode = "targets"


def names() -> set[str]:
    """Names of rules, tables and datasets."""
    files = [REPOSITORY / "workflow/Snakefile", *(REPOSITORY / "workflow/rules").glob("*.smk")]
    rules = "".join(path.read_text("utf-8") for path in files)
    found = set(re.findall(r"^rule (\w+):", rules, re.MULTILINE))
    for name in ("tables", "datasets"):
        found |= set(yaml.safe_load((REPOSITORY / f"config/{name}.yaml").read_text("utf-8"))[name])
    return found


NAMES = names()


@pytest.mark.parametrize(("page", "line"), shown("snakemake"))
def test_what_snakemake_is_asked_for_exists(page: str, line: str) -> None:
    for target in targets_of(shlex.split(line, comments=True)):
        if target.startswith("--configfile "):
            file = target.split()[1]
            assert file in READERS or (REPOSITORY / file).is_file()
        else:
            assert target in NAMES or target.startswith("results/")


@pytest.mark.parametrize(("page", "line"), shown("python"))
def test_a_script_that_is_shown_exists(page: str, line: str) -> None:
    words = shlex.split(line, comments=True)
    script = next((word for word in words[1:] if not word.startswith("-")), "")
    assert not script.endswith(".py") or (REPOSITORY / script).is_file()


@pytest.mark.parametrize(("page", "line"), shown("make"))
def test_a_target_of_make_exists(page: str, line: str) -> None:
    makefile = (REPOSITORY / "Makefile").read_text("utf-8")
    words = shlex.split(line.partition("&&")[0], comments=True)[1:]
    asked = [word for word in words if "=" not in word and word[0] != "-"]
    for target in asked:
        stem = "test-%" if target.startswith("test-") and target not in ("test-rest", "test-all") else target
        assert re.search(rf"^{re.escape(stem)}:", makefile, re.MULTILINE)
