"""Phase 3 as a stage: fit a head on one checkpoint's refined features and score it."""

import numpy as np
import torch
from numpy.typing import NDArray

from fact.features.store import FeatureSet
from fact.infra.errors import ArtifactError
from fact.infra.process.clock import Clock
from fact.tasks.classification.propagated import Propagated
from fact.tasks.classification.refined import TestFeatures
from fact.tasks.classification.score import classification_metrics
from fact.tasks.publish import Outcome
from fact.training.heads.fit import LabelledFeatures, fit_head
from fact.training.heads.head import Head
from fact.training.heads.linear import LinearHead
from fact.training.heads.pool_fit import PoolImages
from fact.training.heads.spec import HeadSpec, PoolShare


def fit_and_score(
    labelled: FeatureSet,
    test: TestFeatures,
    num_classes: int,
    *,
    spec: HeadSpec,
    seed: int,
    start: LinearHead,
    device: torch.device,
    pool: PoolImages | None = None,
    groups: NDArray[np.int64] | None = None,
) -> tuple[Head, Outcome]:
    """Fit a head on the labelled features; returns it, and its outcome on the test features.

    ``start`` is phase 2's own linear head, which a head with ``prior: start`` improves on; ``pool`` are
    images that a head with ``pool`` takes in; ``groups (n,)``: labelled images of one number are held out
    together. The test features are read once, after the fit.
    """
    clock = Clock()
    features = LabelledFeatures(
        pooled=torch.from_numpy(labelled.features),
        tokens=torch.from_numpy(labelled.tokens),
        labels=torch.from_numpy(labelled.labels),
        sample_ids=labelled.sample_ids,
        num_classes=num_classes,
        groups=groups,
    )
    with clock.time("train"):
        head, details = fit_head(features, spec, seed=seed, start_head=start, device=device, pool=pool)
    with clock.time("evaluate"):
        logits = score_batches(head, test, device)
    parts = head.parameters()
    size = sum(parts.values())
    return head, Outcome(
        metrics=classification_metrics(logits, test.labels),
        test_images=len(test.labels),
        parameters={"trainable": size, "total": size, **parts},
        seconds=clock.seconds() | details.pop("seconds"),
        details=details,
    )


def surest_of_pool(pool: FeatureSet, propagated: Propagated, share: PoolShare, power: float) -> PoolImages:
    """Return the images of the pool whose propagated labels are surest, with their refined vectors.

    ``power``: the graph's, which the record beside the labels has. Raises ArtifactError where the two are
    not of the same images.
    """
    if pool.sample_ids != propagated.sample_ids:
        raise ArtifactError(
            "propagated labels and refined vectors of the pool name other images; delete both"
        )
    rows = propagated.surest(share.per_class)
    sizes = np.bincount(propagated.labels[~propagated.labelled])[propagated.labels[rows]]
    parts = (pool.features[rows], propagated.labels[rows], propagated.probabilities[rows], sizes)
    pooled, labels, probabilities, of_class = map(torch.from_numpy, parts)
    return PoolImages(pooled, labels, probabilities, of_class, power)


def score_batches(head: Head, test: TestFeatures, device: torch.device) -> np.ndarray:
    """Return logits (N, K) float32 of the test images."""
    placed = Head({name: tensor.to(device) for name, tensor in head.tensors.items()})
    batches = ([torch.from_numpy(part).to(device) for part in batch] for batch in test.batches)
    return torch.cat([placed.logits(pooled, tokens).cpu() for pooled, tokens in batches]).numpy()
