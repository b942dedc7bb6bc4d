"""Figures are drawn without a window, on whatever machine: the backend is chosen once, in one module."""

import ast
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from draw_rooms import LIBRARY
from fact.report.figures import style
from fact.report.palette import method_styles

FIGURES = sorted(Path(style.__file__).parent.glob("[!_]*.py"))
# a backend for windows that no machine has
WINDOWS = {**os.environ, "MPLBACKEND": "module://no_such_windows"}


@pytest.mark.parametrize("path", FIGURES, ids=lambda path: path.stem)
def test_a_figure_needs_no_window(path: Path) -> None:
    code = f"import fact.report.figures.{path.stem}; import matplotlib.pyplot as plt; plt.figure()"
    code += "; print(plt.get_backend())"
    done = subprocess.run([sys.executable, "-c", code], env=WINDOWS, capture_output=True, text=True)
    assert done.stdout.strip().lower() == "agg", done.stderr


def names_of(node: ast.AST) -> list[str]:
    """The modules that an import statement names, and those below them."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


def lines(path: Path, *, of: str) -> list[int]:
    """The lines of a module that import ``of`` or something below it."""
    tree = ast.parse(path.read_text("utf-8"))
    found = [(node.lineno, name) for node in ast.walk(tree) for name in names_of(node)]
    return [line for line, name in found if name == of or name.startswith(f"{of}.")]


def test_one_module_alone_imports_pyplot_and_after_its_backend() -> None:
    own = Path(style.__file__)
    importing = [path for path in sorted(LIBRARY.rglob("*.py")) if lines(path, of="matplotlib.pyplot")]
    assert importing == [own]
    chosen = own.read_text("utf-8").splitlines().index('matplotlib.use("Agg")') + 1
    assert lines(own, of="matplotlib.pyplot") > [chosen]


def test_a_module_that_would_import_pyplot_is_seen(tmp_path: Path) -> None:
    for text in (
        "import matplotlib.pyplot as plt",
        "from matplotlib import pyplot",
        "def f():\n    from matplotlib.pyplot import figure",
    ):
        (tmp_path / "a.py").write_text(text)
        assert lines(tmp_path / "a.py", of="matplotlib.pyplot"), text
    (tmp_path / "a.py").write_text("from matplotlib.figure import Figure")
    assert not lines(tmp_path / "a.py", of="matplotlib.pyplot")


def test_names_are_printed_as_they_are() -> None:
    assert style.plain("cost in $ of $5") == r"cost in \$ of \$5" and style.plain("ViT-S/16") == "ViT-S/16"


def test_a_letter_that_no_font_has_stands_as_its_code() -> None:
    assert style.plain("é α \U0010fffd") == "é α ⟨10FFFD⟩"


def test_names_at_the_ends_of_lines_do_not_cover_each_other() -> None:
    figure, (axis,) = style.in_columns(1, 2.0)
    axis.plot([0, 1], [0, 10])
    styles = method_styles(["a", "b", "c"])
    style.label_ends(axis, [(name, 5.0, found) for name, found in styles.items()])
    figure.canvas.draw()
    boxes = sorted(text.get_window_extent().y0 for text in axis.texts)
    assert [text.get_text() for text in axis.texts] == ["a", "b", "c"]
    assert all(b - a > 0.9 * 7 / 72 * figure.dpi for a, b in pairwise(boxes))
    style.plt.close(figure)


@pytest.mark.parametrize("suffix", ["pdf", "svg", "png"])
def test_equal_figures_give_equal_bytes(tmp_path: Path, suffix: str) -> None:
    written = []
    for number in (1, 2):
        figure, axes = style.plt.subplots()
        axes.plot([0, 1], [1, 0])
        style.save(figure, tmp_path / f"{number}.{suffix}")
        style.plt.close(figure)
        written.append((tmp_path / f"{number}.{suffix}").read_bytes())
    assert written[0] == written[1]
    assert all(word not in written[0] for word in (b"CreationDate", b"Software", b"dc:date"))
