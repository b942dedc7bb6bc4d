"""A linear head on the labelled images and on images of the pool whose labels were propagated.

Beyond the paper. No cross-validation can choose its settings, since all labels had a part in labelling the
pool's images: they are given.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from fact.training.heads.cross_validation import Candidate
from fact.training.heads.head import Head, pooled_head
from fact.training.heads.labelled_set import LabelledSet, in_raw_units, linear_features, scale_of
from fact.training.heads.lbfgs import Minimum
from fact.training.heads.linear import Samples
from fact.training.heads.logistic import logistic_path
from fact.training.heads.spec import PoolClasses, PoolShare
from fact.training.heads.transform import Transform

# what a length says of a pool image, phase 2 has said before (docs/pool.md)
TRANSFORM: Transform = "l2sqrt"


@dataclass(frozen=True)
class PoolImages:
    """Pooled vectors (m, D) of images of the pool, their propagated ``labels (m,)`` and ``probabilities
    (m,)``, and the graph's ``power``.

    ``of_class (m,)``: how many unlabelled images of the pool the class of each is the likeliest of.
    """

    pooled: Tensor
    labels: Tensor
    probabilities: Tensor
    of_class: Tensor
    power: float

    def weights(self, classes: PoolClasses) -> Tensor:
        """Return what each image counts (m,) float64, up to a factor: its probability.

        With ``classes`` "shares" those of a class together count as many images as the class has in the pool.
        """
        sure = self.probabilities.double()
        if classes == "equal":
            return sure
        labels = self.labels.long()
        sums = sure.new_zeros(int(labels.max()) + 1 if len(labels) else 0).index_add(0, labels, sure)
        return sure * self.of_class.double() / sums[labels]


def fit_with_pool(data: LabelledSet, pool: PoolImages, share: PoolShare) -> tuple[Candidate, Head, Minimum]:
    """Fit a linear head on labelled images and on those of the pool; the first count 1 each.

    The others count by :meth:`PoolImages.weights`, and together ``weight`` times what the labelled images
    do. Returns its settings, the head and how the fit ended.
    """
    candidate = Candidate("pooled", 0.0, share.C, transform=TRANSFORM)
    device, count = data.pooled.device, len(data.labels)
    rows = torch.cat([data.pooled, pool.pooled.float().to(device)])
    features, units = linear_features("pooled", rows, None, candidate.transform)
    sure = pool.weights(share.classes).to(device)
    total = sure.sum().clamp_min(torch.finfo(torch.float64).tiny)
    samples = Samples(
        features=features[0],
        labels=torch.cat([data.labels, pool.labels.long().to(device)]),
        num_classes=data.num_classes,
        weights=torch.cat([sure.new_ones(count), sure * (share.weight * count / total)]),
    )
    scale = scale_of(features, candidate.transform)
    fit = logistic_path(samples, [candidate.own_C], scale=scale)[0]
    return candidate, pooled_head(in_raw_units(fit.head, units), candidate.transform), fit.minimum
