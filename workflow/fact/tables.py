"""Tables from scores: mean ± sd (n) over seeds, in %, as CSV, Markdown and LaTeX from one frame."""

import pandas as pd

MISSING = "–"
NOT_APPLICABLE = "n/a"
BEST = "best on test"
ORACLE = "†"
LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "±": r"$\pm$",
    "–": "--",
    "†": r"$\dagger$",
    "“": "``",
    "”": "''",
    "<": r"$<$",
    ">": r"$>$",
    "|": r"$|$",
    **{character: f"\\{character}" for character in "&%$#_{}"},
}


def build_table(scores: pd.DataFrame, spec: dict) -> pd.DataFrame:
    """Rows (selector, method), columns (dataset, backbone, budget).

    Cells are texts such as ``55.3 ± 1.2 (3)``, ``–`` where there is no score. The headline is ``top1_last``.
    Where any score has a ``top1_best_test``, each column is followed by its best-on-test twin (the paper's
    protocol, an oracle). A selector of ``spec["oracles"]``, which used labels beyond the budget, has a mark.
    ``n/a`` stands where a method cannot run on a backbone: pairs ``spec["not_applicable"]``.
    """
    columns = list(dict.fromkeys(zip(scores["dataset"], scores["backbone"], scores["budget"], strict=True)))
    rows = [(selector, method) for selector in spec["selectors"] for method in spec["methods"]]
    with_history = scores["top1_best_test"].notna().any()
    cells = {}
    for column in columns:
        cells[column] = _column(scores, spec, rows, column, "top1_last")
        if with_history:
            twin = (*column[:2], f"{column[2]} ({BEST})")
            cells[twin] = _column(scores, spec, rows, column, "top1_best_test")
    marked = [
        (f"{name} {ORACLE}" if name in spec.get("oracles", ()) else name, method) for name, method in rows
    ]
    table = pd.DataFrame(cells, index=pd.MultiIndex.from_tuples(marked, names=["selector", "method"]))
    return table.rename_axis(columns=["dataset", "backbone", "budget"])


def to_csv(table: pd.DataFrame) -> str:
    """One header line; column names joined by spaces."""
    flat = table.copy()
    flat.columns = _headers(table)
    return flat.reset_index().to_csv(index=False, lineterminator="\n")


def to_markdown(table: pd.DataFrame, title: str) -> str:
    """A pipe table under its title, with a line that says what a cell means."""
    header = ["selector", "method", *_headers(table)]
    body = [[*index, *row] for index, row in zip(table.index, table.to_numpy(), strict=True)]
    return f"# {title}\n\n{pipe_table(header, body)}\n\n{_note(table)}\n"


def pipe_table(header: list[str], body: list[list[str]]) -> str:
    """The lines of a Markdown table."""
    lines = [header, ["---"] * len(header), *body]
    return "\n".join("| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |" for line in lines)


def to_latex(table: pd.DataFrame, title: str) -> str:
    """A booktabs table; column headers in three rows."""
    body = table.map(escape_latex).rename(index=escape_latex, columns=escape_latex)
    caption = escape_latex(f"{title}. {_note(table)}")
    return body.to_latex(caption=caption, escape=False, multicolumn_format="c", multirow=False)


def escape_latex(text: str) -> str:
    """The text with every character that LaTeX would read as a command or lacks in its fonts replaced."""
    return "".join(LATEX.get(character, character) for character in text)


def _headers(table: pd.DataFrame) -> list[str]:
    return [" ".join(column) for column in table.columns]


def _column(
    scores: pd.DataFrame,
    spec: dict,
    rows: list[tuple[str, str]],
    column: tuple[str, str, str],
    quantity: str,
) -> list[str]:
    impossible = {method for backbone, method in spec.get("not_applicable", ()) if backbone == column[1]}
    return [
        NOT_APPLICABLE if method in impossible else _cell(_pick(scores, (selector, method), column)[quantity])
        for selector, method in rows
    ]


def _pick(scores: pd.DataFrame, row: tuple[str, str], column: tuple[str, str, str]) -> pd.DataFrame:
    wanted = dict(zip(("selector", "method", "dataset", "backbone", "budget"), (*row, *column), strict=True))
    chosen = pd.Series(True, index=scores.index)
    for key, value in wanted.items():
        chosen &= scores[key] == value
    return scores[chosen]


def _cell(values: pd.Series) -> str:
    values = values.dropna().astype(float) * 100
    if values.empty:
        return MISSING
    if len(values) == 1:
        return f"{values.iloc[0]:.1f} (1)"
    return f"{values.mean():.1f} ± {values.std(ddof=1):.1f} ({len(values)})"


def _note(table: pd.DataFrame) -> str:
    note = "Top-1 accuracy in %, last epoch: mean ± sample standard deviation (n) over seeds"
    note += " (selection and training)."
    if any(BEST in column[2] for column in table.columns):
        note += f" “{BEST}” is the best epoch on the test images, an oracle."
    if any(selector.endswith(ORACLE) for selector, _ in table.index):
        note += f" {ORACLE} used labels beyond the budget."
    if (table == NOT_APPLICABLE).to_numpy().any():
        note += f" {NOT_APPLICABLE}: the method's recipe cannot tune this backbone, see `tuners` in"
        note += " config/backbones.yaml."
    return note
