"""Deliver a model: from fitted phases to its folder."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch

from fact.backbones.extraction import normalise, to_tensor
from fact.backbones.spec import ImageInput
from fact.config.weights_source import LOCAL_DIR
from fact.data.path_text import to_text
from fact.infra.fields import Settings
from fact.infra.files.publish import publish_text
from fact.model.adapter import write_adapter, write_no_adapter
from fact.model.classifier import FactClassifier, calibrated
from fact.model.folder import ADAPTER, write_model
from fact.model.labelled import LabelledImages
from fact.model.phases import Fitted, Phases
from fact.training.tuners.lora import Settings as LoraSettings

READING = ("exif", "max_pixels")


def deliver(
    folder: Path,
    fitted: Fitted,
    phases: Phases,
    data: LabelledImages,
    classes: Sequence[str],
    *,
    assessment: Settings,
    metadata: Mapping[str, object],
) -> None:
    """Publish ``adapter/``, ``classes.txt``, ``model.safetensors`` and ``config.json``.

    ``metadata`` (plain JSON) goes into the configuration, ``preprocessing`` among it. Full finetuning has no
    adapter: the folder says so.
    """
    recipe = phases.recipe.plain if phases.recipe else {"tuner": None}
    source = published_source(fitted.spec.source)
    settings = phases.recipe.tuner.settings if phases.recipe else None
    if isinstance(settings, LoraSettings):
        write_adapter(folder / ADAPTER, fitted.backbone, settings, trained=fitted.trained, base=source)
    else:
        write_no_adapter(folder / ADAPTER)
    publish_text(folder / "classes.txt", "".join(f"{to_text(name)}\n" for name in classes))
    model = FactClassifier(fitted.backbone, calibrated(fitted.head, assessment["temperature"]))
    config = {
        **metadata,
        "classes": list(classes),
        "architecture": fitted.spec.architecture,
        "model_args": dict(fitted.spec.model_args),
        "recipe": assessment["recipe"],
        "tuner": recipe["tuner"],
        "head": fitted.head.pooling,
        "head_chosen": fitted.report["chosen"],
        "head_fallback": fitted.report["fallback"],
        "pool_images": fitted.report.get("pool_images", 0),
        "temperature": assessment["temperature"],
        "labelled": len(data.labels),
        "pooled_is_mean": pooled_is_mean(fitted, data),
        "source": source,
        "license": fitted.spec.license,
        "pretrained_sha256": fitted.spec.weights_sha256,
    }
    write_model(folder, model, config)


def preprocessing(spec: ImageInput, settings: Settings) -> Settings:
    """Return how an image becomes the model's input."""
    options = {key: value for key, value in settings["reading"]["options"].items() if key in READING}
    return {**spec.input_json(), "transform": settings["transform"], "options": options}


def published_source(source: str) -> str:
    """Return where the weights came from; of a local folder its name alone, as a model travels."""
    folder = source.removeprefix(LOCAL_DIR)
    return source if folder == source else f"{LOCAL_DIR}{Path(folder).name}"


@torch.inference_mode()
def pooled_is_mean(fitted: Fitted, data: LabelledImages) -> bool:
    """Return whether the backbone's pooled vector is the mean of its tokens, as a convolutional network's
    is.
    """
    images = normalise(to_tensor(data.scored[:2], torch.device("cpu")), fitted.spec.mean, fitted.spec.std)
    pooled, tokens = fitted.backbone.pooled_and_tokens(images)
    mean = tokens.mean((1, 2))
    return mean.shape == pooled.shape and bool((mean - pooled).norm() <= 1e-4 * pooled.norm())
