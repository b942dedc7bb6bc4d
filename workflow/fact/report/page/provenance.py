"""What the numbers of a page come from: versions, seeds, weights, code and configuration."""

from collections.abc import Iterable, Mapping
from typing import cast

import pandas as pd
import yaml

from fact.infra.fields import Settings
from fact.report.page.by_place import by_name, groups_of
from fact.report.page.section import Listing, Part, Section, Table

MIXED = "The scores were made with different software: see below before you compare them."
DIRTY = "Some jobs ran from a checkout with edits that no commit holds."
NOT_RECORDED = "not recorded"


def provenance_section(
    scores: pd.DataFrame, jobs: pd.DataFrame, weights: Mapping[str, dict], config: Settings
) -> Section:
    """Return what made ``scores``, one row per score, and the ``jobs`` behind them, one row each.

    Columns of scores: ``dataset``, ``seed``, ``path``, ``code_version``; of jobs: ``stage``, ``software``,
    ``device``, ``command``, ``commit`` and ``written``, the day of its file. Versions are those that the
    jobs have recorded, whatever writes the page.

    ``weights``: specs of the backbones by name; ``config``: the part of the configuration that was run.
    """
    what = ["stage", "software", "device"]
    parts: list[Part] = [
        Table("Software of the jobs", [*what, "jobs"], _counted(jobs[what])),
        Table("Commits and dates of the jobs", ["stage", "commit", "files written", "jobs"], _dated(jobs)),
        Table("Commands of the jobs", ["command", "jobs"], _counted(jobs[["command"]])),
        Table("Weights", ["backbone", "source", "sha256"], [_weights(*pair) for pair in weights.items()]),
        Table("Code that made the scores", ["last stage", "version", "scores"], _code(scores)),
        Table("Seeds", ["dataset", "seeds", "scores"], _seeds(scores)),
        Listing("Configuration", yaml.safe_dump(config, sort_keys=True, allow_unicode=True, width=100)),
    ]
    # edits of the code have versions of their own, above
    mixed = jobs["software"].str.replace(r", commit \S+", "", regex=True).nunique() > 1
    notes = [*([MIXED] if mixed else []), *([DIRTY] if any(map(_is_dirty, jobs["commit"])) else [])]
    return Section("provenance", "Provenance", " ".join(notes), parts=parts)


def _is_dirty(commit: str) -> bool:
    return commit.endswith("-dirty")


def _dated(jobs: pd.DataFrame) -> list[list[str]]:
    """Return stage, commit, the first and the last day, and the count of the jobs of each pair."""
    rows = []
    for keys, group in groups_of(jobs.sort_values(["stage", "commit"]), ["stage", "commit"]):
        first, last = group["written"].min(), group["written"].max()
        days = first if first == last else f"{first} to {last}"
        commit = keys["commit"].replace("-dirty", ", edited")
        rows.append([keys["stage"], commit, days, str(len(group))])
    return rows


def _weights(name: str, spec: Settings) -> list[str]:
    return [name, str(spec.get("source", "")), str(spec["weights_sha256"])]


def _code(scores: pd.DataFrame) -> list[list[str]]:
    return _counted(pd.DataFrame({"stage": scores["path"].map(_stage), "version": scores["code_version"]}))


def _counted(texts: pd.DataFrame) -> list[list[str]]:
    """Return each row of texts that is there, sorted, with how often it is."""
    counts = texts.value_counts(sort=False).sort_index()
    rows = cast("Iterable[tuple[str, ...]]", counts.index)
    return [[*row, str(count)] for row, count in zip(rows, counts, strict=True)]


def _stage(path: str) -> str:
    """Return the folders below the seed's: what the last stage of a method is."""
    return path.split("/seed", 1)[1].split("/", 1)[1].removesuffix("/score.json")


def _seeds(scores: pd.DataFrame) -> list[list[str]]:
    return [
        [str(name), ", ".join(map(str, sorted(set(rows["seed"])))), str(len(rows))]
        for name, rows in by_name(scores, "dataset")
    ]
