"""Phase 1: which module fits a kind of probe."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from fact.infra.fields import Settings

# rules read the table below whenever the workflow starts, and must not wait for torch
if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from fact.training.heads.head import Head

PROBES = {"lbfgs": "fact.training.heads.converged", "sgd": "fact.training.sgd_probe"}


@dataclass(frozen=True)
class Probe:
    """A kind of probe, one of :data:`PROBES`, with that module's own settings."""

    module: ModuleType
    settings: object

    def fit(
        self,
        features: "Tensor",
        labels: "Tensor",
        sample_ids: Sequence[str],
        num_classes: int,
        seed: int,
        groups: "NDArray[np.int64] | None" = None,
    ) -> tuple["Head", dict[str, float], dict[str, Any]]:
        """Return a linear head on ``features (n, D)`` and ``labels (n,)``, seconds by phase, and a report.

        The report holds ``parameters`` and ``details`` or ``history`` for score.json. ``groups (n,)``: images
        of one number are held out together, where settings are chosen by cross-validation.
        """
        fit = self.module.fit_probe
        return fit(features, labels, sample_ids, num_classes, self.settings, seed, groups=groups)


def read_probe(settings: Settings) -> Probe:
    """Return the probe of plain settings. Raises ConfigError naming the key.

    Its module is imported by name, so that each kind has a code version of its own.
    """
    module = import_module(PROBES[settings["kind"]])
    return Probe(module, module.read_settings(settings))
