"""What a job asks of a cluster: memory and minutes, more with every attempt.

Time is asked for as an A100 needs it, twice, so that a slower or a busy node suffices. A profile's
``set-resources`` comes before it.
"""

from functools import cache
from math import ceil
from typing import NamedTuple

from fact.commands.planning.backbone_row import BackboneRow, stored_row
from fact.commands.planning.jobs import Job
from fact.commands.planning.memory import MEGABYTE, job_memory
from fact.commands.planning.shipped import SEGMENTED, Shipped, shipped_rates
from fact.commands.planning.sizes import Sizes
from fact.data.manifest import Counts
from fact.infra.errors import ConfigError

SLOWEST = "a100"
# a day, the limit of many partitions; what takes longer goes on from its resume state
DAY = 24 * 60
# maps, and what is fitted to them in the same submission: together a day
MAPS, MAPS_MINUTES = ("refine_maps", "refine_passing_maps"), 120
# minutes and megabytes that the smallest job asks for
LEAST_MINUTES, LEAST_MB = 30, 4000
# of what is computed to what is asked for
TIMES_LONGER, TIMES_LARGER = 2.0, 1.25
# for a backbone that nobody has counted: ViT-L
LARGE = BackboneRow("", 304_000_000, 224, pooled=1024, tokens=(16, 16, 1024), license=None)


class Request(NamedTuple):
    """Memory in MB and time in minutes."""

    mem_mb: int
    minutes: int


# for a job of a rule, or on a pool, that nobody has counted
USUAL = Request(16_000, 240)


class PlannedSizes(Sizes):
    """Sizes without a model built: published counts before an index's, a large backbone for a new one."""

    def counts(self, dataset: str) -> Counts:
        """Return classes and images. Raises ConfigError where nobody knows them."""
        if dataset not in self._counts:
            try:
                self._counts[dataset] = self._published(dataset)
            except ConfigError:
                found = self._indexed(dataset)
                if found is None:
                    raise
                self._counts[dataset] = found
        return self._counts[dataset]

    def backbone(self, name: str) -> BackboneRow:
        """Return sizes of a backbone, those of ViT-L for one that was never counted."""
        return stored_row(name, self.config.backbones[name]) or LARGE


def requested(job: Job, sizes: Sizes, attempt: int = 1) -> Request:
    """Return what a job asks for; the usual where the size of its pool is not known yet."""
    try:
        mem_mb, minutes = _needed(job, sizes, _slowest())
    except ConfigError:
        mem_mb, minutes = USUAL
    # without a resume state only the first day counts: what is longer has to fit into the second attempt
    return Request(mem_mb * attempt, min(DAY * attempt, minutes * attempt))


def _needed(job: Job, sizes: Sizes, rates: Shipped) -> Request:
    mem_mb = TIMES_LARGER * job_memory(job, sizes) / MEGABYTE
    rounded = max(LEAST_MB, 1000 * ceil(mem_mb / 1000))
    if job.rule in SEGMENTED:
        return Request(rounded, MAPS_MINUTES if job.rule in MAPS else DAY - MAPS_MINUTES)
    minutes = TIMES_LONGER * (rates.time_of(job, sizes).seconds + rates.submission) / 60
    return Request(rounded, min(DAY, LEAST_MINUTES + 10 * ceil(minutes / 10)))


@cache
def _slowest() -> Shipped:
    return shipped_rates(SLOWEST)
