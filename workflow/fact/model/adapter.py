"""What LoRA trained of a backbone, in the files of PEFT: ``PeftModel.from_pretrained(timm_model, folder)``.

The base model is timm's, without a classifier, with the pretrained weights. Phase 2's head is left out: phase
3 replaces it, and the model's own files hold what came of both.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from safetensors.torch import save_file
from torch import Tensor

from fact.backbones.interface import Backbone, Classifier
from fact.infra.files.publish import publish, publish_text
from fact.training.tuners.lora import Settings, peft_config, target_layers

# where Classifier keeps timm's model
INSIDE = "backbone.model."
PEFT_PREFIX = "base_model.model."


def write_adapter(
    folder: Path, backbone: Backbone, settings: Settings, trained: Mapping[str, Tensor], base: str
) -> None:
    """Publish ``adapter_config.json`` and ``adapter_model.safetensors``.

    ``backbone`` says which layers were adapted, ``trained`` are a checkpoint's tensors, ``base`` names the
    pretrained model.
    """
    layers = target_layers(Classifier(backbone, 1, 1), settings.targets)
    config = peft_config(settings, [name.removeprefix(INSIDE) for name in layers])
    config.base_model_name_or_path = base
    config.inference_mode = True
    folder.mkdir(parents=True, exist_ok=True)
    stored = asdict(config)
    # of the run that trained, which PEFT warns about in a file
    stored.pop("runtime_config", None)
    publish_text(folder / "adapter_config.json", _text(stored))
    with publish(folder / "adapter_model.safetensors") as temporary:
        save_file(adapter_tensors(trained), temporary, metadata={"format": "pt"})


def write_no_adapter(folder: Path) -> None:
    """Say in the folder that the recipe has no adapter."""
    folder.mkdir(parents=True, exist_ok=True)
    publish_text(
        folder / "README.txt", "This recipe trains no adapter: the model's own files hold all of it.\n"
    )


def adapter_tensors(trained: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return a checkpoint's tensors of the backbone, under the names that PEFT gives them on timm's model."""
    inside = f"{PEFT_PREFIX}{INSIDE}"
    return {
        PEFT_PREFIX + name.removeprefix(inside): value.detach().cpu().contiguous()
        for name, value in trained.items()
        if name.startswith(inside)
    }


def _text(config: Mapping[str, object]) -> str:
    """Return JSON; PEFT keeps layers in sets, which have no order of their own."""
    plain = {key: sorted(value) if isinstance(value, set) else value for key, value in config.items()}
    return json.dumps(plain, indent=1, sort_keys=True, default=_name) + "\n"


def _name(value: object) -> str:
    """Return PEFT's enumerations as it writes them."""
    return str(getattr(value, "value", value))
