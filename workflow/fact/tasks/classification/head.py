"""Phase 3 as a stage: fit a head on one checkpoint's refined features and score it."""

import json
from pathlib import Path

import numpy as np
import torch

from fact.backbones.state_dict import file_sha256
from fact.features.store import FeatureSet
from fact.infra.process.clock import Clock
from fact.training.heads.fit import fit_head
from fact.training.heads.head import Head
from fact.training.heads.linear import LinearHead

# test tokens are turned into float32 this many images at a time
BATCH = 512


def check_lineage(checkpoint: Path, refined: dict[str, FeatureSet]) -> None:
    """Raise ValueError unless every features file was made by this very checkpoint."""
    wanted = file_sha256(Path(checkpoint))
    for split, features in refined.items():
        made_by = json.loads(features.attributes["provenance"]).get("checkpoint_sha256")
        if made_by != wanted:
            raise ValueError(
                f"the refined {split} features come from checkpoint {made_by}, "
                f"not from {checkpoint} ({wanted}); "
                "delete them and run again"
            )


def fit_and_score(
    labelled: FeatureSet, test: FeatureSet, num_classes: int, spec: dict, seed: int, start: LinearHead
) -> tuple[Head, np.ndarray, dict[str, float], dict]:
    """The fitted head, its logits (N, K) on the test features, seconds by phase, and its score's report.

    ``start`` is phase 2's own linear head, which a head with ``prior: start`` improves on.
    """
    clock = Clock()
    with clock.time("train"):
        head, details = fit_head(
            torch.from_numpy(labelled.features),
            torch.from_numpy(labelled.tokens),
            torch.from_numpy(labelled.labels),
            labelled.sample_ids,
            num_classes,
            spec=spec,
            seed=seed,
            start_head=start,
        )
    with clock.time("evaluate"):
        logits = score_batches(head, test)
    seconds = clock.seconds() | details.pop("seconds")
    parts = head.parameters()
    size = sum(parts.values())
    parameters = {"trainable": size, "total": size, **parts}
    return head, logits, seconds, {"parameters": parameters, "details": details}


def score_batches(head: Head, features: FeatureSet) -> np.ndarray:
    """Logits (N, K) float32 of a features file with tokens."""
    pooled, tokens = torch.from_numpy(features.features), torch.from_numpy(features.tokens)
    return torch.cat(
        [head.logits(*part) for part in zip(pooled.split(BATCH), tokens.split(BATCH), strict=True)]
    ).numpy()
