"""A version for a piece of science: a hash of the code that can change its numbers.

Snakemake reruns a job when its parameters change, not when a module that its script imports changes.
``params: code=code_version("fact.selection.selectors.activeft")`` closes that hole: the hash covers the
syntax trees of the module and of every project module that it imports, in turn. Comments, docstrings and
formatting are not part of it, nor are the modules in :data:`INFRASTRUCTURE`, so that mending a message
retrains nothing.
Sources are read, never imported; the module needs the standard library alone.
"""

import ast
import hashlib
import platform
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGE = Path(__file__).parents[2]

INFRASTRUCTURE = ("infra", "commands", "cli")
"""What stands in these cannot change a number; an import of it is not followed."""

DEPENDENCIES = (
    "fact-workflow",
    "h5py",
    "numba",
    "numpy",
    "onnx",
    "onnxruntime",
    "pandas",
    "peft",
    "pillow",
    "pyarrow",
    "safetensors",
    "scikit-learn",
    "scipy",
    "snakemake",
    "timm",
    "torch",
    "torchvision",
    "transformers",
)


def code_version(*modules: str, script: Path | None = None, root: Path = PACKAGE) -> str:
    """Return 16 hexadecimal digits that change when code changes that ``modules`` run, directly or by
    imports.

    ``script`` is the file that a rule runs: it counts too, and so does what it imports.

    ``modules`` are dotted names such as ``fact.selection.selectors.activeft``; ``root`` is the folder of the
    package that they are in. Imports inside functions count, imports by a computed name (importlib) do not:
    name the concrete module. The package's own ``__init__`` is left out, those of its subpackages are not.
    A module named here is always included, infrastructure or not.

    The same sources give the same hash on every machine. Python versions parse a few constructs (nested
    f-strings, for one) into different trees, so another Python version may give another hash.

    Raises ValueError for no module, and for one that does not exist.
    """
    digest = hashlib.sha256()
    if script is not None:
        digest.update(f"{_parsed_script(script, root)[0]}\n".encode())
        modules = (*modules, *_named_by(script, root))
    if not modules:
        raise ValueError(
            'code_version needs a module, e.g. code_version("fact.selection.selectors.activeft")'
        )
    for module in imported_modules(*modules, root=root):
        digest.update(f"{module}\n{_parsed(module, root)[0]}\n".encode())
    return digest.hexdigest()[:16]


def imported_modules(*modules: str, root: Path = PACKAGE) -> list[str]:
    """Return ``modules`` and all that they import from the package, in turn, but infrastructure.

    Sorted names.
    """
    result: set[str] = set()
    pending = [name for module in modules for name in (module, *_with_parents(module, root))]
    while pending:
        module = pending.pop()
        if module not in result:
            result.add(module)
            pending += [name for name in _parsed(module, root)[1] if not _is_infrastructure(name)]
    return sorted(result)


def imported_libraries(*modules: str, script: Path, root: Path = PACKAGE) -> set[str]:
    """Return top-level names of what a script and its modules import from outside the package."""
    named = imported_modules(*modules, *_named_by(script, root), root=root)
    sources = [script, *filter(None, (_source(name, root) for name in named))]
    return {name for source in sources for name in _outside(source, root.name)}


def _named_by(script: Path, root: Path) -> list[str]:
    """Return the modules of the package that a script imports itself, but infrastructure."""
    return [name for name in _parsed_script(script, root)[1] if not _is_infrastructure(name)]


@cache
def _outside(source: Path, package: str) -> frozenset[str]:
    """Return top-level names that a file imports, but the package's own."""
    imports = [node for node in _statements(_tree(source)) if isinstance(node, ast.Import | ast.ImportFrom)]
    named = [alias.name for node in imports if isinstance(node, ast.Import) for alias in node.names]
    absolute = [node for node in imports if isinstance(node, ast.ImportFrom) and not node.level]
    named += [node.module for node in absolute if node.module is not None]
    return frozenset(name.partition(".")[0] for name in named) - {package}


@cache
def _tree(source: Path) -> ast.Module:
    return ast.parse(source.read_bytes(), filename=str(source))


def package_versions() -> dict[str, str]:
    """Return installed versions of Python and the main dependencies, ``absent`` where there is none."""
    return {"python": platform.python_version()} | {name: installed_version(name) for name in DEPENDENCIES}


def installed_version(package: str) -> str:
    """Return the installed version of a distribution, ``absent`` where there is none."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


@cache
def _parsed(module: str, root: Path) -> tuple[str, tuple[str, ...]]:
    """Return a module's syntax tree as text, and the modules of the package that it imports."""
    source = _source(module, root)
    if source is None or module == root.name:
        raise ValueError(f"there is no module {module} in {root}; name a module inside {root.name}")
    tree = _tree(source)
    package = module if source.name == "__init__.py" else module.rpartition(".")[0]
    return _text(tree), _imported(tree, package, root)


@cache
def _parsed_script(script: Path, root: Path) -> tuple[str, tuple[str, ...]]:
    """Return a script's syntax tree as text, and the modules of the package that it imports."""
    tree = _tree(script)
    return _text(tree), _imported(tree, "", root)


@cache
def _source(module: str, root: Path) -> Path | None:
    """Return the file of a dotted name, None when it is no module of the package."""
    package, *parts = module.split(".")
    if package != root.name:
        return None
    path = root.joinpath(*parts)
    candidates = (path / "__init__.py", path.parent / f"{path.name}.py")
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def _text(node: object) -> str:
    """Return a syntax tree as text, without positions, empty fields and bare strings such as docstrings.

    ``ast.dump`` would do, but for the docstrings and for fields that only some Python versions have.
    """
    if isinstance(node, ast.AST):
        inside = [
            f"{name}={repr(value) if type(value) is str else _text(value)}"
            for name in node._fields
            if name != "ctx" and (value := getattr(node, name, None)) is not None and value != []
        ]
        return f"{type(node).__name__}({','.join(inside)})"
    if isinstance(node, list):
        return f"[{','.join([_text(item) for item in node if not _is_bare_string(item)])}]"
    return repr(node)


def _is_bare_string(node: object) -> bool:
    constant = node.value if isinstance(node, ast.Expr) else None
    return isinstance(constant, ast.Constant) and isinstance(constant.value, str)


def _imported(tree: ast.Module, package: str, root: Path) -> tuple[str, ...]:
    """Return the modules of the package that a file imports, anywhere in it; sorted."""
    result = (node for node in _statements(tree) if isinstance(node, ast.Import | ast.ImportFrom))
    return tuple(sorted({name for node in result for name in _imports(node, package, root)}))


def _statements(block: ast.AST) -> Iterator[ast.AST]:
    """Yield every statement below a node, however deep; expressions, which hold none, are not searched."""
    for field in ("body", "orelse", "finalbody", "handlers", "cases"):
        for node in getattr(block, field, ()):
            yield node
            yield from _statements(node)


def _imports(node: ast.Import | ast.ImportFrom, package: str, root: Path) -> Iterator[str]:
    """Yield the modules of the package, and the subpackages that hold them, which an import statement
    loads.
    """
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    else:
        base = _absolute(node, package)
        below = [f"{base}.{alias.name}" for alias in node.names]
        names = [base, *(name for name in below if _source(name, root))]
    for name in names:
        yield from _with_parents(name, root)


def _absolute(node: ast.ImportFrom, package: str) -> str:
    """Return the dotted name after ``from``, its leading dots resolved against the importing module's
    package.
    """
    parts = package.split(".")
    above = parts[: len(parts) - node.level + 1] if node.level else []
    return ".".join([*above, *([node.module] if node.module else [])])


def _with_parents(module: str, root: Path) -> Iterator[str]:
    """Yield ``module`` and the subpackages above it, but not the package itself.

    Nothing of another package.
    """
    package, *parts = module.split(".")
    if package == root.name:
        for length in range(1, len(parts) + 1):
            name = ".".join([package, *parts[:length]])
            if name == module or _source(name, root):
                yield name


def _is_infrastructure(module: str) -> bool:
    return module.split(".")[1] in INFRASTRUCTURE
