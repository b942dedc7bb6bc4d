"""The labelled images of a model: decoded once, as trained on and as scored."""

from dataclasses import dataclass

import numpy as np

from fact.infra.errors import LabelError


@dataclass(frozen=True)
class LabelledImages:
    """``trained`` and ``scored`` are uint8 (n, S, S, 3), the same array but for the transform ``released``.

    ``labels`` (n,) int64 are class indices below ``num_classes``; ``sample_ids`` are n names.
    """

    trained: np.ndarray
    scored: np.ndarray
    labels: np.ndarray
    sample_ids: list[str]
    num_classes: int

    def rows(self, keep: np.ndarray) -> "LabelledImages":
        """The images of a mask (n,)."""
        return LabelledImages(
            self.trained[keep],
            self.scored[keep],
            self.labels[keep],
            [name for name, kept in zip(self.sample_ids, keep, strict=True) if kept],
            self.num_classes,
        )

    def check(self) -> None:
        """Raise LabelError where there is nothing to tell apart."""
        if len(np.unique(self.labels)) < 2:
            raise LabelError(
                f"the {len(self.labels)} labels are all of one class; label images of another class too, "
                "and run again"
            )
