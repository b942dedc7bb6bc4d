"""Options that several commands share."""

from dataclasses import dataclass
from inspect import signature
from pathlib import Path
from typing import Annotated

import pytest
import typer
import yaml
from fact.commands.options import Registries, settled, spread_options
from fact.config.registries import REGISTRIES
from fact.infra.errors import ConfigError
from typer.testing import CliRunner, Result

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Size:
    """Two options, one of which must be given."""

    width: Annotated[int, typer.Option(min=1)]
    unit: Annotated[str, typer.Option()] = "mm"


@dataclass(frozen=True)
class Colour:
    """Another group."""

    name: Annotated[str, typer.Option("--colour")] = "red"


def paint(
    where: Annotated[str, typer.Argument()],
    times: Annotated[int, typer.Option()] = 1,
    *,
    size: Size,
    colour: Colour,
) -> None:
    """Paint something."""
    print(where, times, size, colour)


def run(*arguments: str) -> Result:
    app = typer.Typer()
    app.command()(spread_options(paint))
    return CliRunner().invoke(app, list(arguments))


def test_fields_are_options_beside_the_commands_own() -> None:
    result = run("here", "--width", "3", "--colour", "blue", "--times", "2")
    assert result.stdout == f"here 2 {Size(3, 'mm')} {Colour('blue')}\n"


def test_defaults_are_those_of_the_dataclasses() -> None:
    assert run("here", "--width", "3").stdout == f"here 1 {Size(3)} {Colour()}\n"


@pytest.mark.parametrize("arguments", ["here", "--width 3", "here --width 0", "here --width 3 --size a"])
def test_what_typer_knows_of_a_field_holds(arguments: str) -> None:
    result = run(*arguments.split())
    assert result.exit_code == 2 and result.stdout == ""


def test_the_command_keeps_its_name_and_words() -> None:
    spread = spread_options(paint)
    assert (spread.__name__, spread.__doc__) == ("paint", "Paint something.")
    assert list(signature(spread).parameters) == ["where", "width", "times", "unit", "name"]


@pytest.fixture
def registries(tmp_path: Path) -> Registries:
    """Registries of one head each, with an overlay that adds another."""
    folder = tmp_path / "config"
    folder.mkdir()
    for name in REGISTRIES:
        (folder / f"{name}.yaml").write_text(yaml.safe_dump({name: {"one": {"a": 1}}}))
    overlay = tmp_path / "my.yaml"
    overlay.write_text("heads: {two: {a: 2}, one: {b: 3}}\n")
    return Registries(folder, overlay)


def test_an_overlay_lies_on_top_of_the_registries(registries: Registries) -> None:
    assert registries.entries("heads") == {"one": {"a": 1, "b": 3}, "two": {"a": 2}}
    assert Registries(registries.config).entries("heads") == {"one": {"a": 1}}
    assert registries.entries("datasets") == {"one": {"a": 1}}


def test_names_are_chosen_in_their_order_or_all(registries: Registries) -> None:
    assert list(registries.chosen("heads", ["two", "one"])) == ["two", "one"]
    assert list(registries.chosen("heads", [])) == ["one", "two"]
    with pytest.raises(ConfigError, match="head 'three' is not declared; known are one, two"):
        registries.chosen("heads", ["one", "three"])


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"none holds no registries .*leave out --config"):
        Registries(tmp_path / "none").entries("heads")


def test_the_whole_configuration_takes_overlays_in_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2):
        (tmp_path / f"{number}.yaml").write_text(
            f"run: {{seeds: [{number}]}}\ntraining: {{epochs: {number}}}\n"
        )
    (tmp_path / "3.yaml").write_text("run: {batch_size: 7}\n")
    monkeypatch.chdir(ROOT)
    config = settled([tmp_path / f"{number}.yaml" for number in (1, 2, 3)])
    assert (config.run["seeds"], config.run["batch_size"], config.training["epochs"]) == ([2], 7, 2)
    assert config.run["datasets"] == ["digits"]


def test_in_any_folder_the_configuration_is_that_of_the_workflow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    here = settled([])
    monkeypatch.chdir(tmp_path)
    assert settled([]) == here
    assert Registries().entries("selectors") == here.selectors
