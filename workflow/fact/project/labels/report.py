"""What an import of labels found: every vote by its outcome, and what is missing, as JSON or Markdown."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path

from fact.infra.errors import ConfigError
from fact.infra.files.publish import publish_text
from fact.project.labels.misspelt import misspelt
from fact.project.labels.reconcile import Outcome, Reconciliation

SUFFIXES = (".json", ".md")


def report_record(
    result: Reconciliation, classes: Sequence[str] | None, metadata: Mapping[str, object]
) -> dict:
    """Return counts, missing ids, images by class, suspected misspellings, all votes by outcome, as plain
    JSON.
    """
    votes = defaultdict(list)
    for vote, outcome in result.outcomes:
        label = " | ".join(vote.choices)
        row = {
            "sample_id": vote.sample_id,
            "label": label,
            "annotator": vote.annotator,
            "origin": vote.origin,
        }
        votes[outcome.name.lower()].append(row)
    return {
        **metadata,
        "labelled": len(result.labels),
        "missing": result.missing,
        "classes": dict(sorted(Counter(result.labels.values()).items())),
        "misspelt": misspelt(result, classes),
        "votes": dict(sorted(votes.items())),
    }


def write_report(path: Path, record: Mapping) -> None:
    """Publish the report, as Markdown or JSON by its suffix."""
    check_suffix(path)
    text = report_markdown(record) if path.suffix == ".md" else json.dumps(record, indent=1) + "\n"
    publish_text(path, text)


def check_suffix(path: Path) -> None:
    """Raise ConfigError unless a report can be written under this name."""
    if path.suffix not in SUFFIXES:
        raise ConfigError(f"a report is {' or '.join(SUFFIXES)}, not {path.suffix!r}; rename {path}")


def report_markdown(record: Mapping) -> str:
    """Return the report to read. Names from files are escaped."""
    return "\n".join(_lines(record)) + "\n"


def _lines(record: Mapping) -> Iterator[str]:
    yield "# Labels"
    yield ""
    yield f"{record['labelled']} images have a label; {len(record['missing'])} that were asked for have none."
    yield from _table(("votes", "outcome"), _counts(record["votes"]))
    yield from _table(("class", "images"), record["classes"].items())
    yield from _table(("label", "perhaps"), record["misspelt"].items())
    yield from _table(("missing",), [(sample_id,) for sample_id in record["missing"]])
    for name, votes in record["votes"].items():
        if name != "used":
            yield from ["", f"## {_title(name)}"]
            columns = ("sample_id", "label", "annotator", "origin")
            yield from _table(columns, [[vote[column] for column in columns] for vote in votes])


def _counts(votes: Mapping[str, Sequence]) -> list[tuple[int, str]]:
    return [(len(members), _title(name)) for name, members in votes.items()]


def _title(name: str) -> str:
    return Outcome[name.upper()].capitalize()


def _table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    """Yield lines of a table; none without rows."""
    if rows:
        yield from ["", f"| {' | '.join(columns)} |", "|" + " --- |" * len(columns)]
        yield from (f"| {' | '.join(map(_cell, row))} |" for row in rows)


def _cell(value: object) -> str:
    text = escape(" ".join(str(value).split()), quote=False)
    return "".join(f"\\{character}" if character in "\\|`*_[]" else character for character in text)
