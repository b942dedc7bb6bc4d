"""How long a job will take, and how far that can be trusted."""

from typing import NamedTuple


class JobTime(NamedTuple):
    """Seconds of a job, its start included.

    ``borrowed``: what the rate was measured on, where that was another kind of job. ``unmeasured``: phases
    without a rate, whose seconds are left out. ``stretch``: how many times larger the job is than what was
    measured.
    """

    seconds: float
    borrowed: frozenset[str] = frozenset()
    unmeasured: frozenset[str] = frozenset()
    stretch: float = 1.0
