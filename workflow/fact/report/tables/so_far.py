"""Tables from the scores that there are, when a run ends before it has all of them.

They lie beside the place of the whole table, as ``…/tables/{table}-so-far.{csv,md,tex}``: what has the
table's own name is complete. The next run takes them away.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from fact.config import paths
from fact.config.declared import Config
from fact.config.tables import TableSpec, table_settings
from fact.config.targets import score_cells
from fact.infra.fields import Settings
from fact.infra.files.publish import publish_text
from fact.report.tables.cells import build_cells
from fact.report.tables.collect import collect
from fact.report.tables.mixed import mixed_note
from fact.report.tables.printed import to_csv, to_latex, to_markdown
from fact.report.tables.published import read_published

# missing scores that a table lists one by one
LISTED = 30
ERROR = "error: "
UNSAID = "ended without a word of its own: its time, its memory or a signal"


@dataclass(frozen=True)
class MissingScore:
    """A score that is not there, which stage did not end, and what its log says last."""

    cell: Settings
    stage: str
    reason: str
    log: Path | None

    def line(self) -> str:
        """Return it as an entry of a list in Markdown."""
        place = " ".join(str(self.cell[key]) for key in (*paths.Cell._fields[:-1], "method"))
        log = f" ({self.log})" if self.log else ""
        return f"- {place}, seed {self.cell['seed']}: {self.stage}: {self.reason}{log}"


def write_tables_so_far(config: Config, tables: Iterable[str], published: Path) -> list[str]:
    """Publish each table that lacks some of its scores, and has others; returns a line to print for each."""
    lines = []
    for table in tables:
        there, missing = _scores_there(score_cells(config, table))
        if not missing:
            continue
        if not there:
            lines.append(f"{table}: none of {len(missing)} scores is there")
            continue
        _write(config, table, collect(there), missing, published)
        total = len(there) + len(missing)
        lines.append(f"{table}: {len(missing)} of {total} scores are missing: {_path(table, 'md')}")
    return lines


def _path(table: str, suffix: str) -> str:
    return f"{paths.TABLE.format(table=table)}{paths.SO_FAR}.{suffix}"


def _write(
    config: Config, table: str, scores: pd.DataFrame, missing: list[MissingScore], published: Path
) -> None:
    spec = TableSpec.from_plain(table_settings(config, table))
    cells = build_cells(scores, spec, read_published(published))
    publish_text(_path(table, "csv"), to_csv(cells))
    mixed = mixed_note(scores)
    publish_text(_path(table, "tex"), to_latex(cells, spec, mixed))
    publish_text(_path(table, "md"), f"{to_markdown(cells, spec, mixed)}\n{missing_markdown(missing)}")


def missing_markdown(missing: list[MissingScore]) -> str:
    """Return a section that lists scores that are missing, and why."""
    shown = [score.line() for score in missing[:LISTED]]
    more = [f"- and {len(missing) - LISTED} more"] if len(missing) > LISTED else []
    head = f"## Missing scores: {len(missing)}\n\nThe same command again fills them in.\n"
    return "\n".join([head, *shown, *more]) + "\n"


def _scores_there(cells: Iterable[Settings]) -> tuple[list[Settings], list[MissingScore]]:
    there, missing = [], []
    for cell in cells:
        stage = _first_missing(cell)
        if stage is None:
            there.append(cell)
        else:
            missing.append(_missing(cell, *stage))
    return there, missing


def _first_missing(cell: Settings) -> tuple[str, str] | None:
    """Return the first stage of a score whose files are not all there, and its timing file; None for none."""
    stages: Mapping[str, str] = cell["stages"]
    last = list(stages)[-1]
    files = {stage: [timing] for stage, timing in stages.items()}
    files[last] += [cell["path"], str(Path(cell["path"]).with_name("timing.json"))]
    if cell.get("tuned"):
        files["tune"] = [*files.get("tune", []), cell["tuned"]]
    for stage, own in files.items():
        if not all(Path(name).is_file() for name in own):
            return stage, stages[stage]
    return None


def _missing(cell: Settings, stage: str, timing: str) -> MissingScore:
    log = _newest(_logs(stage, timing))
    if log is None:
        return MissingScore(cell, stage, "has not begun; what it needs is missing too", None)
    return MissingScore(cell, stage, _reason(log), log)


def _logs(stage: str, timing: str) -> Iterator[Path]:
    """Yield logs of the job that writes a timing file; rules of both tasks have them in the same place."""
    name = timing.removesuffix("/timing.json").removesuffix(".timing.json")
    name = name.removesuffix("/refined").removesuffix("/maps").replace("/probe/", "/")
    below = name.partition("/selections/" if stage == "select" else "/runs/")[2]
    prefix = {"select": "select", "probe": "train", "tune": "tune", "refine": "refine", "head": "fit"}[stage]
    yield from Path(paths.LOGS).glob(f"{prefix}_*/{below}.log")


def _newest(logs: Iterator[Path]) -> Path | None:
    return max(logs, key=lambda path: path.stat().st_mtime, default=None)


def _reason(log: Path) -> str:
    lines = [line for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
    told = [line.removeprefix(ERROR) for line in lines if line.startswith(ERROR)]
    if told:
        return told[-1]
    # the last line of a traceback names the exception
    return lines[-2] if len(lines) > 1 and lines[0].startswith("Traceback") else UNSAID
