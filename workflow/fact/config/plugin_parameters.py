"""What parameters a module's function has, read from its source without importing it."""

import ast
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
# what the stages give by themselves, by the contracts of the packages below
GIVEN = {
    "features",
    "budget",
    "seed",
    "labelled",
    "probabilities",
    "labels",
    "num_classes",
    "pool_labels",
    "text",
    "patterns",
}
FUNCTIONS = {
    "selection/selectors": "select",
    "selection/second_steps": "select",
    "selection/calibrations": "calibrate",
    "training/frofa/ops": "change",
}


def parameters(package: str, module: str) -> list[str] | None:
    """Return names that ``params`` of a configuration may have for ``fact.{package}.{module}``.

    None when there is no such module or it lacks the package's function.
    """
    path = PACKAGE / package / f"{module}.py"
    if not module.isidentifier() or not path.is_file():
        return None
    body = ast.parse(path.read_text("utf-8")).body
    for node in body:
        if isinstance(node, ast.FunctionDef) and node.name == FUNCTIONS[package]:
            named = [argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)]
            return [name for name in named if name not in GIVEN] + (_fields(body) if node.args.kwarg else [])
    return None


@cache
def takes_device(package: str, module: str) -> bool:
    """Return whether ``fact.{package}.{module}`` computes where it is told to; others use the CPU alone."""
    return "device" in (parameters(package, module) or [])


def _fields(body: list[ast.stmt]) -> list[str]:
    """Return the fields of a plug-in's class ``Parameters``, which its function takes as keywords."""
    classes = [node for node in body if isinstance(node, ast.ClassDef) and node.name == "Parameters"]
    fields = [field for node in classes for field in node.body if isinstance(field, ast.AnnAssign)]
    return [field.target.id for field in fields if isinstance(field.target, ast.Name)]


def modules(package: str) -> list[str]:
    """Return names of the modules of a package that have its function."""
    names = (path.stem for path in (PACKAGE / package).glob("*.py"))
    return sorted(name for name in names if parameters(package, name) is not None)
