"""How many classes and images a published data set has."""

from typing import NamedTuple


class Counts(NamedTuple):
    """Classes, and images of each split."""

    classes: int
    pool: int
    test: int
