"""Which images belong to no group that a label was learnt from."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fact.data.grouping import names_of_groups


class Grouped(NamedTuple):
    """The name of each image's group by sample id, and the groups that have a label that is learnt from."""

    of: Mapping[str, str]
    learnt: frozenset[str]

    def apart(self, sample_id: str) -> bool:
        """Return whether no label of the image's group is learnt from."""
        return self.of[sample_id] not in self.learnt


def read_grouped(
    sample_ids: Sequence[str], labelled: Collection[str], files: Sequence[str]
) -> Grouped | None:
    """Return the groups of these images and which of them ``labelled`` images are in; None without groups.

    ``files``: the list of groups, or none.
    """
    names, learnt = (names_of_groups(list(ids), files) for ids in (sample_ids, labelled))
    if names is None or learnt is None:
        return None
    return Grouped(dict(zip(sample_ids, names, strict=True)), frozenset(learnt))


def apart_mask(sample_ids: Sequence[str], grouped: Grouped | None) -> NDArray[np.bool_]:
    """Return the mask (n,) of images that are apart; all of them without groups."""
    return np.array([grouped is None or grouped.apart(name) for name in sample_ids], bool)
