"""Phase 3 as a stage: fit a head on one checkpoint's refined features and score it."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch

from fact.backbones.state_dict import file_sha256
from fact.features.store import FeatureSet
from fact.infra.errors import ArtifactError
from fact.infra.process.clock import Clock
from fact.tasks.classification.score import classification_metrics
from fact.tasks.publish import Outcome
from fact.training.heads.fit import LabelledFeatures, fit_head
from fact.training.heads.head import Head
from fact.training.heads.linear import LinearHead
from fact.training.heads.spec import HeadSpec

# test tokens are turned into float32 this many images at a time
BATCH = 512


def check_lineage(checkpoint: Path, refined: Mapping[str, FeatureSet]) -> None:
    """Raise ArtifactError unless every features file was made by this very checkpoint."""
    wanted = file_sha256(Path(checkpoint))
    for split, features in refined.items():
        made_by = json.loads(features.attributes["provenance"]).get("checkpoint_sha256")
        if made_by != wanted:
            raise ArtifactError(
                f"the refined {split} features come from checkpoint {made_by}, "
                f"not from {checkpoint} ({wanted}); "
                "delete them and run again"
            )


def fit_and_score(
    labelled: FeatureSet, test: FeatureSet, num_classes: int, spec: HeadSpec, seed: int, start: LinearHead
) -> tuple[Head, Outcome]:
    """Fit a head on the labelled features; returns it, and its outcome on the test features.

    ``start`` is phase 2's own linear head, which a head with ``prior: start`` improves on.
    """
    clock = Clock()
    features = LabelledFeatures(
        pooled=torch.from_numpy(labelled.features),
        tokens=torch.from_numpy(labelled.tokens),
        labels=torch.from_numpy(labelled.labels),
        sample_ids=labelled.sample_ids,
        num_classes=num_classes,
    )
    with clock.time("train"):
        head, details = fit_head(features, spec, seed=seed, start_head=start)
    with clock.time("evaluate"):
        logits = score_batches(head, test)
    parts = head.parameters()
    size = sum(parts.values())
    return head, Outcome(
        metrics=classification_metrics(logits, test.labels),
        test_images=len(test.labels),
        parameters={"trainable": size, "total": size, **parts},
        seconds=clock.seconds() | details.pop("seconds"),
        details=details,
    )


def score_batches(head: Head, features: FeatureSet) -> np.ndarray:
    """Return logits (N, K) float32 of a features file with tokens."""
    pooled, tokens = torch.from_numpy(features.features), torch.from_numpy(features.tokens)
    return torch.cat(
        [head.logits(*part) for part in zip(pooled.split(BATCH), tokens.split(BATCH), strict=True)]
    ).numpy()
