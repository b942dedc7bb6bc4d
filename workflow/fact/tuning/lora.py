"""LoRA through PEFT (phase 2 of L³FACT; paper III-D4, Eq. 4): low-rank updates of linear layers.

On a ViT the fused ``qkv`` projections are adapted: with rank 8 on ViT-S/16 and 10 classes this trains
151,306 parameters (147,456 of LoRA and 3,850 of the head), the paper's count. On a CNN the 1×1
convolutions are adapted, which are its linear layers over channels.
"""

import torch
from torch import Tensor, nn

from fact.backbones.interface import Classifier
from fact.torchvision_guard import allow_mismatched_torchvision


def prepare(classifier: Classifier, settings: dict) -> nn.Module:
    """Wrap the classifier; only the adapters and the head are trainable, and step 0 is the identity.

    ``settings``: ``rank``, ``alpha``, ``dropout``, ``targets`` (layer-name endings, or null for the default
    described above). The adapters' start is drawn from torch's global generator: seed it before.
    """
    allow_mismatched_torchvision()
    from peft import LoraConfig, get_peft_model

    config = LoraConfig(
        r=settings["rank"],
        lora_alpha=settings["alpha"],
        lora_dropout=settings["dropout"],
        target_modules=target_layers(classifier, settings["targets"]),
        modules_to_save=["head"],
        init_lora_weights="gaussian",
    )
    return get_peft_model(classifier, config)


def target_layers(classifier: Classifier, endings: list[str] | None) -> list[str]:
    """Full names of the layers to adapt. Raises ValueError when no layer matches."""
    layers = [(f"backbone.{name}", layer) for name, layer in classifier.backbone.named_modules()]
    if endings:
        found = [name for name, _ in layers if name.endswith(tuple(endings))]
    else:
        found = [name for name, layer in layers if name.endswith(".qkv")]
        found = found or [name for name, layer in layers if _is_pointwise(layer)]
    if not found:
        raise ValueError(f"LoRA found no layer to adapt (targets: {endings}); name layer endings in `targets`")
    return found


def trained_tensors(model: nn.Module) -> dict[str, Tensor]:
    """What a checkpoint stores: adapters and head, never the backbone."""
    from peft import get_peft_model_state_dict

    return get_peft_model_state_dict(model)


def restore(classifier: Classifier, settings: dict, tensors: dict[str, Tensor]) -> Classifier:
    """The tuned classifier with the adapters merged into its weights, from a fresh one and a checkpoint."""
    model = prepare(classifier, settings)
    from peft import set_peft_model_state_dict

    outcome = set_peft_model_state_dict(model, tensors)
    if outcome.unexpected_keys:
        raise ValueError(f"the adapter does not fit this backbone: {outcome.unexpected_keys[:3]} …")
    return model.merge_and_unload()


def _is_pointwise(layer: nn.Module) -> bool:
    return isinstance(layer, torch.nn.Conv2d) and layer.kernel_size == (1, 1) and layer.groups == 1
