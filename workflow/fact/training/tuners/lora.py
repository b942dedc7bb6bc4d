"""LoRA and relatives through PEFT (phase 2 of L³FACT; paper III-D4, Eq. 4): small updates of linear layers.

On a ViT the fused ``qkv`` projections are adapted: with rank 8 on ViT-S/16 and 10 classes this trains
151,306 parameters (147,456 of LoRA and 3,850 of the head), the paper's count. Elsewhere the linear layers
are adapted, and the 1×1 convolutions, which are a CNN's linear layers over channels.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from torch import Tensor, nn

from fact.backbones.interface import Classifier
from fact.infra.errors import ConfigError
from fact.infra.process.heavy_imports import collector_rests
from fact.training.added import check_same_shapes

if TYPE_CHECKING:
    from peft import PeftConfig, PeftModel

METHODS = ("lora", "dora", "rslora", "loha", "lokr", "ia3")


@dataclass(frozen=True)
class Settings:
    """Rank of the update of each layer and its scale, share of inputs dropped, layers, and PEFT's method.

    ``targets``: endings of layers' names, None for the default described above.
    """

    rank: int
    alpha: float
    dropout: float
    targets: tuple[str, ...] | None
    method: str = "lora"


def prepare(classifier: Classifier, settings: Settings) -> "PeftModel":
    """Wrap the classifier; only the adapters and the head are trainable, and step 0 is the identity.

    The adapters' start is drawn from torch's global generator: seed it before.
    """
    with collector_rests():
        from peft import get_peft_model
        from peft.utils import ModulesToSaveWrapper

    config = peft_config(settings, target_layers(classifier, settings.targets))
    model = get_peft_model(classifier, config)
    # `modules_to_save=["head"]` would also take backbone layers whose names end so, such as conv_head
    head = ModulesToSaveWrapper(classifier.head, model.active_adapter)
    classifier.add_module("head", head)
    head.set_adapter(model.active_adapter)
    return model


def peft_config(settings: Settings, targets: list[str]) -> "PeftConfig":
    """Return PEFT's configuration of a method on these layers; every one of them starts as the identity.

    ``lora``, ``dora`` (weight-decomposed) and ``rslora`` (rank-stabilised) take ``rank``, ``alpha`` and
    ``dropout``; ``loha`` and ``lokr`` (Hadamard and Kronecker products) drop ranks instead of inputs;
    ``ia3`` (one factor per feature) has none of the three.
    Raises ConfigError for another method.
    """
    import peft

    rank, dropout = settings.rank, settings.dropout
    # PEFT says int, and divides any number by the rank
    alpha = cast("int", settings.alpha)
    match settings.method:
        case "lora" | "dora" | "rslora" as method:
            return peft.LoraConfig(
                target_modules=targets,
                r=rank,
                lora_alpha=alpha,
                lora_dropout=dropout,
                init_lora_weights="gaussian",
                use_dora=method == "dora",
                use_rslora=method == "rslora",
            )
        case "loha":
            return peft.LoHaConfig(target_modules=targets, r=rank, alpha=alpha, rank_dropout=dropout)
        case "lokr":
            return peft.LoKrConfig(target_modules=targets, r=rank, alpha=alpha, rank_dropout=dropout)
        case "ia3":
            return peft.IA3Config(target_modules=targets, feedforward_modules=[])
        case other:
            raise ConfigError(f"method: '{other}' is unknown; use one of {', '.join(METHODS)}")


def target_layers(classifier: Classifier, endings: Sequence[str] | None) -> list[str]:
    """Return the full names of the layers to adapt. Raises ConfigError when no layer matches."""
    layers = [(f"backbone.{name}", layer) for name, layer in classifier.backbone.named_modules()]
    wanted = tuple(f".{ending}" for ending in endings or ["qkv"])
    chosen = [name for name, _ in layers if name.endswith(wanted)]
    if not chosen and not endings:
        chosen = [name for name, layer in layers if _is_pointwise(layer)]
    if not chosen:
        names = endings and list(endings)
        raise ConfigError(f"LoRA: no layer matches targets {names}; name endings such as qkv or conv_pw")
    return chosen


def trained_tensors(model: nn.Module) -> dict[str, Tensor]:
    """Return what a checkpoint stores: adapters and head, never the backbone."""
    from peft import get_peft_model_state_dict

    return get_peft_model_state_dict(model)


def restore(classifier: Classifier, settings: Settings, tensors: Mapping[str, Tensor]) -> Classifier:
    """Return the tuned classifier with the adapters merged into its weights, from a fresh one and a
    checkpoint.

    Raises ArtifactError when the checkpoint's tensors are not those of this backbone, rank and class count.
    """
    model = prepare(classifier, settings)
    from peft import set_peft_model_state_dict

    expected = {name: value.shape for name, value in trained_tensors(model).items()}
    check_same_shapes(expected, {name: value.shape for name, value in tensors.items()})
    set_peft_model_state_dict(model, tensors)
    return model.merge_and_unload()


def _is_pointwise(layer: nn.Module) -> bool:
    """Return whether a layer is linear over channels."""
    if isinstance(layer, nn.Conv2d):
        return layer.kernel_size == (1, 1) and layer.groups == 1
    return isinstance(layer, nn.Linear)
