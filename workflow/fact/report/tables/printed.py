"""Tables as they are printed: Markdown and LaTeX from cells, and the cells themselves as CSV."""

from pathlib import Path
from typing import cast

import pandas as pd

from fact.config.tables import TableSpec
from fact.infra.fields import Settings
from fact.report.tables.cells import IMPOSSIBLE, TRAINED
from fact.report.tables.samples import PLACE

MISSING = "–"
NOT_APPLICABLE = "n/a"
ORACLE = "†"
BEYOND = "‡"
# what a variant of a table takes from the cells, and how it is called
VARIANTS = {"last": ("", "last epoch"), "best": ("best_", "best epoch on the test images")}
LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "±": r"$\pm$",
    "–": "--",
    "−": r"$-$",
    "†": r"$\dagger$",
    "‡": r"$\ddagger$",
    "“": "``",
    "”": "''",
    "<": r"$<$",
    ">": r"$>$",
    "|": r"$|$",
    **{character: f"\\{character}" for character in "&%$#_{}"},
}
UNITS = {
    "accuracy": "Top-1 accuracy in %",
    "minutes": "Minutes of training, without selection and evaluation",
    "segmentation": "Mean IoU, mean accuracy of classes and accuracy of pixels in %, last iteration",
    "gains": "Gain in percentage points of the first row over the second, of the same seeds",
}


def variants(cells: pd.DataFrame) -> list[str]:
    """Return variants of a table: its last epoch, and the best one on the test images where there is a
    choice.
    """
    return ["last", "best"] if cells["best_n"].any() else ["last"]


def lay_out(cells: pd.DataFrame, spec: TableSpec, variant: str = "last") -> pd.DataFrame:
    """Return the printed table: texts such as ``55.3 ± 1.2 (3) [54, +1.3]``, in brackets what is published.

    Rows are (selector, method), or (row, selector, method) where the table has labels of its own, after the
    backbone where ``backbones_in`` says so; columns are (dataset, backbone, budget). ``–`` where there is no
    score, ``n/a`` where a method cannot run on a backbone.
    """
    in_rows = spec.backbones_in == "rows"
    index = [*(["backbone"] if in_rows else []), *_names(spec)]
    columns = ["dataset", *([] if in_rows else ["backbone"]), "budget"]
    texts = cells.assign(
        row=[_marked(*line) for line in zip(cells["row"], cells["oracle"], cells["beyond"], strict=True)],
        budget=[_budget(*pair, spec) for pair in zip(cells["metric"], cells["budget"], strict=True)],
        text=[_text(cell, VARIANTS[variant][0]) for cell in records_of(cells)],
    )
    if not spec.labelled:
        texts["selector"] = [
            _marked(name, oracle, False)
            for name, oracle in zip(cells["selector"], cells["oracle"], strict=True)
        ]
    rows, places = (
        list(dict.fromkeys(zip(*(texts[n] for n in names), strict=True))) for names in (index, columns)
    )
    if in_rows:
        backbones = list(dict.fromkeys(cells["backbone"]))
        rows.sort(key=lambda row: backbones.index(row[0]))
    by_place = texts.set_index([*index, *columns])["text"].to_dict()
    table = {place: [by_place[(*row, *place)] for row in rows] for place in places}
    return pd.DataFrame(table, index=pd.MultiIndex.from_tuples(rows, names=index)).rename_axis(
        columns=columns
    )


def to_csv(cells: pd.DataFrame) -> str:
    """Return one line per cell, all digits, for further work."""
    return cells.to_csv(index=False, lineterminator="\n")


def read_cells(path: Path | str) -> pd.DataFrame:
    """Return the cells that :func:`to_csv` wrote. Raises FileNotFoundError."""
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    texts = ("row", "selector", "method", *PLACE, "metric", "state")
    marks = {name: frame[name] == "True" for name in ("oracle", "beyond")}
    others = [str(name) for name in frame if name not in (*texts, *marks)]
    numbers = {name: pd.to_numeric(frame[name]) for name in others}
    return frame.assign(**marks, **numbers)


def to_markdown(cells: pd.DataFrame, spec: TableSpec, mixed: str = "") -> str:
    """Return a pipe table for each variant, under the title, each with a line that says what a cell means.

    ``mixed``: what the jobs of the table do not share (:func:`fact.report.tables.mixed.mixed_note`).
    """
    parts = [f"# {spec.title}"]
    for variant in variants(cells):
        table = lay_out(cells, spec, variant)
        header = [*map(str, table.index.names), *(" ".join(column) for column in table.columns)]
        body = [[*index, *row] for index, row in zip(table.index, table.to_numpy(), strict=True)]
        parts += [f"## {VARIANTS[variant][1].capitalize()}"] if variant != "last" else []
        parts += [pipe_table(header, body), table_note(cells, spec, variant), *([mixed] if mixed else [])]
    return "\n\n".join(parts) + "\n"


def pipe_table(header: list[str], body: list[list[str]]) -> str:
    """Return the lines of a Markdown table."""
    lines = [header, ["---"] * len(header), *body]
    return "\n".join("| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |" for line in lines)


def to_latex(cells: pd.DataFrame, spec: TableSpec, mixed: str = "") -> str:
    """Return a booktabs table for each variant; column headers in two or three rows. ``mixed`` as above."""
    parts = []
    for variant in variants(cells):
        body = (
            lay_out(cells, spec, variant).map(escape_latex).rename(index=escape_latex, columns=escape_latex)
        )
        caption = escape_latex(f"{spec.title}. {table_note(cells, spec, variant)} {mixed}".rstrip())
        parts.append(body.to_latex(caption=caption, escape=False, multicolumn_format="c", multirow=False))
    return "\n".join(parts)


def escape_latex(text: str) -> str:
    """Return the text with every character that LaTeX would read as a command or lacks in its fonts
    replaced.
    """
    return "".join(LATEX.get(character, character) for character in text)


def table_note(cells: pd.DataFrame, spec: TableSpec, variant: str = "last") -> str:
    """Return what a cell and the marks mean."""
    epoch = "" if spec.kind in ("minutes", "segmentation") else f", {VARIANTS[variant][1]}"
    oracle = ", an oracle" if variant == "best" else ""
    note = f"{UNITS[spec.kind]}{epoch}{oracle}: mean ± sample standard deviation (n) over seeds"
    note += " (selection and training)."
    if cells["published"].notna().any():
        note += " In brackets: the published value, and ours minus it."
    if cells["oracle"].any():
        note += f" {ORACLE} used labels beyond the budget."
    if cells["beyond"].any():
        note += f" {BEYOND} beyond the paper."
    if (cells["metric"] == TRAINED).any():
        note += " Trained %: the share of parameters that phase 2 trains, of all."
    if (cells["state"] == IMPOSSIBLE).any():
        note += f" {NOT_APPLICABLE}: the method's recipe cannot tune this backbone, see `tuners` in"
        note += " config/backbones.yaml."
    return note


def _budget(metric: str, budget: str, spec: TableSpec) -> str:
    if metric == TRAINED:
        return "trained %"
    return f"{budget} {metric}" if len(spec.metrics) > 1 else budget


def _names(spec: TableSpec) -> list[str]:
    if spec.kind == "gains":
        return ["row"]
    return ["row", "selector", "method"] if spec.labelled else ["selector", "method"]


def _marked(label: str, oracle: bool, beyond: bool) -> str:
    return " ".join([label, *([ORACLE] if oracle else []), *([BEYOND] if beyond else [])])


def records_of(frame: pd.DataFrame) -> list[Settings]:
    """Return the lines of a frame by column."""
    return cast("list[Settings]", frame.to_dict("records"))


def _text(cell: Settings, prefix: str) -> str:
    if cell["state"] == IMPOSSIBLE:
        return NOT_APPLICABLE
    ours = _ours(cell, prefix)
    if pd.isna(cell["published"]):
        return ours
    if ours == MISSING:
        return f"{ours} [{cell['published']:g}]"
    return f"{ours} [{cell['published']:g}, {_signed(cell[f'{prefix}difference'])}]"


def _ours(cell: Settings, prefix: str) -> str:
    mean, sd, n = (cell[f"{prefix}{name}"] for name in ("mean", "sd", "n"))
    if cell["metric"] == TRAINED:
        return MISSING if pd.isna(cell["mean"]) else f"{cell['mean']:.2f}"
    if pd.isna(mean):
        return MISSING
    number = _signed(mean) if cell["metric"] == "top1_gain" else _unsigned(cell["metric"], mean)
    return f"{number} ({n})" if n == 1 else f"{number} ± {_unsigned(cell['metric'], sd)} ({n})"


def _unsigned(metric: str, value: float) -> str:
    return f"{value:.3g}" if metric == "minutes" else f"{value:.1f}"


def _signed(value: float) -> str:
    text = f"{value:+.1f}"
    return text.replace("-", "−") if float(text) else text[1:]
