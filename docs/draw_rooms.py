"""Draw the rooms of the library as Mermaid, from their imports, into docs/architecture.md: `make rooms`."""

import ast
from collections.abc import Iterator
from pathlib import Path

LIBRARY = Path(__file__).parents[1] / "workflow/fact"
PAGE = Path(__file__).with_name("architecture.md")
BEGIN, END = "```mermaid\n", "```\n"


def rooms(library: Path) -> dict[str, list[Path]]:
    """Return the files of every room: a package, or a module, at the root."""
    found: dict[str, list[Path]] = {}
    for path in sorted(library.rglob("*.py")):
        room = path.relative_to(library).parts[0].removesuffix(".py")
        if room not in ("__init__", "__main__"):
            found.setdefault(room, []).append(path)
    return found


def imported_rooms(path: Path) -> Iterator[str]:
    """Yield the rooms that a file imports from, also within functions and for type checkers."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            whole = node.module == "fact"
            # fact.__version__ is no room
            own = [f"fact.{alias.name}" for alias in node.names if not alias.name.startswith("__")]
            names = own if whole else [node.module]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        yield from (name.split(".")[1] for name in names if name.startswith("fact."))


def imports(library: Path) -> dict[str, set[str]]:
    """Return the rooms that each room imports from."""
    return {
        room: {other for path in paths for other in imported_rooms(path)} - {room}
        for room, paths in rooms(library).items()
    }


def drawing(edges: dict[str, set[str]]) -> str:
    """Return a Mermaid graph without arrows that others imply."""
    reached: dict[str, set[str]] = {}

    def reach(room: str) -> set[str]:
        if room not in reached:
            reached[room] = set()  # so that a circle ends
            reached[room] = edges[room].union(*map(reach, edges[room]))
        return reached[room]

    lines = [
        f"    {room} --> {other}"
        for room in edges
        for other in sorted(edges[room])
        if not any(other in reach(between) for between in edges[room] - {other})
    ]
    return "graph TD\n" + "\n".join(lines) + "\n"


def with_drawing(page: str, graph: str) -> str:
    """Return the page with its graph replaced."""
    before, _, rest = page.partition(BEGIN)
    return before + BEGIN + graph + END + rest.partition(END)[2]


if __name__ == "__main__":
    PAGE.write_text(with_drawing(PAGE.read_text("utf-8"), drawing(imports(LIBRARY))), "utf-8")
