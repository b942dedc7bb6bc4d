"""The rooms of the library and their layers: no import runs upward, and no circle goes through rooms."""

import ast
from pathlib import Path

import pytest
from draw_rooms import LIBRARY, PAGE, drawing, imported_rooms, imports, rooms, with_drawing

# each imports only from its own layer and those before it
LAYERS = (
    ("infra", "seeds", "device"),
    ("config",),
    ("data", "backbones"),
    ("features", "training"),
    ("selection", "tasks"),
    ("model", "report"),
    ("project",),
    ("commands",),
    ("cli",),
)
PLUGINS = {
    "data/sources": "index",
    "selection/selectors": "select",
    "selection/second_steps": "select",
    "selection/calibrations": "calibrate",
    "training/tuners": "prepare",
    "training/frofa/ops": "change",
}


def wrong_imports(library: Path) -> list[str]:
    """Imports that run upward, and circles between rooms of one layer."""
    level = {room: number for number, layer in enumerate(LAYERS) for room in layer}
    edges = {
        (room, other): path.relative_to(library)
        for room, paths in rooms(library).items()
        for path in paths
        for other in imported_rooms(path)
        if other != room
    }
    up = [f"{path} imports {other}" for (room, other), path in edges.items() if level[other] > level[room]]
    circles = [f"{room} and {other}" for room, other in edges if (other, room) in edges and room < other]
    return up + circles


def test_the_root_holds_rooms_alone() -> None:
    known = {room for layer in LAYERS for room in layer}
    assert set(rooms(LIBRARY)) == known
    modules = {path.stem for path in LIBRARY.glob("*.py")}
    assert modules == {"__init__", "__main__", "cli", "seeds", "device"}
    assert len([path for path in LIBRARY.iterdir() if (path / "__init__.py").is_file()]) == 12


def test_no_import_runs_upward_and_no_circle() -> None:
    assert wrong_imports(LIBRARY) == []


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({"data/images.py": "from fact.model.folder import read_model"}, "data/images.py imports model"),
        (
            {"infra/files/lock.py": "def f():\n    import fact.config.paths"},
            "infra/files/lock.py imports config",
        ),
        ({"config/paths.py": "from fact import cli"}, "config/paths.py imports cli"),
        (
            {"data/a.py": "from fact.backbones import b", "backbones/b.py": "import fact.data.a"},
            "backbones and data",
        ),
    ],
)
def test_a_wrong_import_is_named(tmp_path: Path, files: dict[str, str], problem: str) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert wrong_imports(tmp_path) == [problem]


@pytest.mark.parametrize(("folder", "function"), PLUGINS.items())
def test_a_folder_of_plugins_holds_nothing_else(folder: str, function: str) -> None:
    for path in (LIBRARY / folder).glob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        bound = {alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names}
        bound |= {name.id for node in tree.body if isinstance(node, ast.Assign) for name in ast.walk(node)
                  if isinstance(name, ast.Name)}  # fmt: skip
        assert path.stem == "__init__" or function in defined | bound, path


def test_the_picture_of_the_rooms_is_that_of_the_code() -> None:
    page = PAGE.read_text("utf-8")
    assert with_drawing(page, drawing(imports(LIBRARY))) == page, "run: make rooms"


def test_an_arrow_that_others_imply_is_left_out() -> None:
    edges = {"model": {"data", "infra"}, "data": {"infra"}, "infra": set()}
    assert drawing(edges) == "graph TD\n    model --> data\n    data --> infra\n"
