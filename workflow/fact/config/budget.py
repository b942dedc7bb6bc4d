"""What a budget means in images."""

import math
import re
from fractions import Fraction

from fact.infra.errors import ConfigError

BUDGET = re.compile(r"(?P<images>[1-9]\d*)img|(?P<percent>\d+(\.\d+)?)pct")


def budget_size(budget: str, pool: int) -> int:
    """Number of images that a budget such as ``100img`` or ``0.5pct`` buys from a pool.

    Shares are rounded down. Raises ConfigError when it is no budget, buys no image or more than there are.
    """
    match = BUDGET.fullmatch(str(budget))
    if match is None:
        raise ConfigError(f"budget '{budget}' is not understood; write 100img or 0.5pct")
    # exact: 4.6 % of 1500 is 69, but in floats it is just below
    size = int(match["images"]) if match["images"] else math.floor(Fraction(match["percent"]) * pool / 100)
    if not 1 <= size <= pool:
        raise ConfigError(
            f"budget '{budget}' means {size} of a pool of {pool} images; choose one between 1 and {pool}"
        )
    return size
