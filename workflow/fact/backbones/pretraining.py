"""A declared backbone, pretrained from random weights on the images of a pool."""

import numpy as np
import torch
from torch import nn

from fact.backbones.extraction import to_tensor
from fact.backbones.pretrain import pretrain_contrastive
from fact.backbones.weights import backbone_spec, create_architecture
from fact.infra.process.progress import log


def pretrain_declared(declared: dict, images: np.ndarray, device: torch.device) -> tuple[nn.Module, dict]:
    """The pretrained timm model and its spec.

    ``declared`` is an entry of config/backbones.yaml with ``pretrain: {dataset, seed, settings}``, and with
    ``image_size``, ``mean``, ``std`` and ``interpolation`` given. ``images``: uint8 (N, S, S, 3).
    """
    seed = declared["pretrain"]["seed"]
    torch.manual_seed(seed)
    model = create_architecture(declared["model"], declared["model_args"]).to(device)
    pretrain_contrastive(
        model,
        to_tensor(images, device).contiguous(),
        declared["mean"],
        declared["std"],
        seed=seed,
        progress=lambda record: log(", ".join(f"{key} {value:.5g}" for key, value in record.items())),
        **declared["pretrain"]["settings"],
    )
    return model, backbone_spec(declared, declared["model"], declared["model_args"], model.pretrained_cfg)
