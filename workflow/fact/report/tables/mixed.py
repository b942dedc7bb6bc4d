"""Say where the jobs behind a table ran with different software, or on different devices."""

import re

import pandas as pd

from fact.report.tables.collect import SEPARATOR

SOFTWARE, DEVICE = "software.", "device."
THREADS = re.compile(r", \d+ threads?$")


def mixed_note(scores: pd.DataFrame) -> str:
    """Return a sentence on what the jobs of ``scores`` do not share; empty where they share all.

    ``scores`` as :func:`fact.report.tables.collect.collect` makes them. Versions are those of every job;
    devices are compared within a stage, as one stage may well run on the CPU and another on a GPU. What a
    job did not record counts as nothing.
    """
    mixed = [*_versions(scores), *_devices(scores)]
    if not mixed:
        return ""
    return f"Mixed: jobs of this table ran with {'; '.join(mixed)}. Differences may come from that."


def _versions(scores: pd.DataFrame) -> list[str]:
    return [
        f"{name.removeprefix(SOFTWARE)} {_listed(values)}"
        for name, values in _several(scores, SOFTWARE).items()
    ]


def _devices(scores: pd.DataFrame) -> list[str]:
    by_stage: dict[str, list[str]] = {}
    for name, values in _several(scores, DEVICE).items():
        by_stage.setdefault(_listed(values), []).append(name.removeprefix(DEVICE))
    return [f"stage {_listed(stages)} on {devices}" for devices, stages in by_stage.items()]


def _several(scores: pd.DataFrame, prefix: str) -> dict[str, list[str]]:
    """Return the values of each column of a prefix that has more than one, sorted."""
    names = [str(name) for name in scores.columns if str(name).startswith(prefix)]
    values = {name: _values(scores[name]) for name in names}
    return {name: found for name, found in values.items() if len(found) > 1}


def _values(column: pd.Series) -> list[str]:
    parts = (part for value in column.dropna() for part in str(value).split(SEPARATOR))
    return sorted({THREADS.sub("", part) for part in parts})


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
