"""What a cluster's profile grants a job: its own ``set-resources``, else what the job asks for."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from fact.commands.planning.jobs import Job
from fact.commands.planning.requests import PlannedSizes, Request, requested
from fact.infra.errors import ConfigError
from fact.infra.files.yaml_file import parse_yaml

DEFAULT = "slurm/profile.v9+.yaml"
# memory in MB and minutes, by the names that a profile has for them
NAMES = {"mem_mb": "mem_mb", "runtime": "minutes"}


class Profile(NamedTuple):
    """Of a profile: resources by rule, groups by rule, and submissions at a time."""

    resources: Mapping[str, Mapping[str, object]]
    groups: Mapping[str, str]
    at_once: int


def read_profile(path: Path) -> Profile:
    """Read a profile of Snakemake. Raises FileNotFoundError or ConfigError."""
    content = parse_yaml(path.read_text("utf-8"))
    if not isinstance(content, Mapping):
        raise ConfigError(f"{path} is no profile of Snakemake: it has no keys")
    resources, groups = content.get("set-resources") or {}, content.get("groups") or {}
    return Profile(resources, groups, int(content.get("jobs") or 1))


def granted(profile: Profile, job: Job, sizes: PlannedSizes) -> Request:
    """Return what a job is given at its first attempt.

    Raises ConfigError for an entry of the profile that is neither a number nor a number times the attempt.
    """
    own = profile.resources.get(job.rule, {})
    fixed = {NAMES[key]: _first(value, job.rule, key) for key, value in own.items() if key in NAMES}
    return requested(job, sizes)._replace(**fixed)


def _first(value: object, rule: str, key: str) -> int:
    """Return the value of an entry at the first attempt."""
    match = re.fullmatch(r"(?:attempt *\* *)?(\d+)(?: *\* *attempt)?", str(value))
    if match is None:
        raise ConfigError(
            f"profile: set-resources.{rule}.{key} is {value!r}; "
            "`fact plan` can judge a number and `attempt * NUMBER`"
        )
    return int(match[1])
