"""Faults of other projects that FACT works around, each until the release that it waits for."""

from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple

from packaging.version import Version


class Workaround(NamedTuple):
    """A fault of a distribution, the first release in which nobody has seen it, and where it is reported."""

    distribution: str
    tried_below: str
    reported: str

    @property
    def is_needed(self) -> bool:
        """Whether the installed release is one that the work-around was written for."""
        try:
            return Version(version(self.distribution)) < Version(self.tried_below)
        except PackageNotFoundError:
            return False


UNANSWERED_JOBS = Workaround(
    "snakemake-executor-plugin-slurm",
    tried_below="3",
    reported="https://github.com/snakemake/snakemake-executor-plugin-slurm/issues/207",
)
"""Jobs are forgotten when no status query is answered, and the run waits for ever."""

DEFAULT_LIMIT = Workaround(
    "snakemake", tried_below="10", reported="https://github.com/snakemake/snakemake/issues/3019"
)
"""Its repair brought a default limit of 100 jobs a second, which makes the scheduler look all day."""
