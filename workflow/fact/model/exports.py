"""The model for other runtimes: ``torch.export``, ONNX and a timm folder, each compared with the model."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from fact.backbones.weights import create_architecture
from fact.infra.errors import ConfigError
from fact.infra.fields import Settings
from fact.infra.files.publish import publish, publish_text
from fact.infra.files.tensors import publish_tensors
from fact.infra.needed import needed
from fact.model.classifier import FactClassifier, pooled_linear
from fact.training.heads.head import Head

BATCHES = (1, 2, 7)
# largest difference of logits, as a share of their largest: float32 arithmetic in another order
TOLERANCE = 1e-3
ONNX, EXPORTED, TIMM, SELFTEST = "model.onnx", "model.pt2", "timm", "selftest.safetensors"


def sample_images(count: int, image_size: int) -> Tensor:
    """Return normalised images (count, 3, S, S) of noise: for comparisons, and no user's picture."""
    return torch.randn(count, 3, image_size, image_size, generator=torch.Generator().manual_seed(0))


def exported_program(model: FactClassifier, image_size: int) -> torch.export.ExportedProgram:
    """Return the model's graph with a free batch size, without the images it was traced with.

    Those would be saved as a pickle.
    """
    # traced with two: a batch of one would be taken for a constant
    shapes = {"images": {0: torch.export.Dim("batch", min=1)}}
    program = torch.export.export(model, (sample_images(2, image_size),), dynamic_shapes=shapes)
    program.example_inputs = None
    return program


def write_exported(path: Path, program: torch.export.ExportedProgram) -> None:
    """Publish a ``.pt2`` archive: JSON and raw tensors."""
    with publish(path) as temporary, temporary.open("wb") as file:
        torch.export.save(program, file)


def write_onnx(path: Path, program: torch.export.ExportedProgram, image_size: int, about: Settings) -> None:
    """Publish an ONNX file: input ``images`` (batch, 3, S, S), output ``logits``.

    ``about`` goes into its metadata, each value as JSON.
    """
    import onnx

    images = (sample_images(2, image_size),)
    exported = torch.onnx.export(
        program, images, dynamo=True, input_names=["images"], output_names=["logits"], verbose=False
    )
    proto = needed(exported, "the ONNX program").model_proto
    for value in (*proto.graph.input, *proto.graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "batch"
    for key, value in about.items():
        proto.metadata_props.add(key=key, value=json.dumps(value, sort_keys=True, ensure_ascii=False))
    onnx.checker.check_model(proto)
    with publish(path) as temporary:
        onnx.save(proto, temporary)


def onnx_differences(path: Path, model: FactClassifier, image_size: int) -> dict[str, float]:
    """Return largest relative difference of onnxruntime's logits at batches of 1, 2 and 7.

    Raises ConfigError for one above :data:`TOLERANCE`.
    """
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return _differences(
        "ONNX",
        lambda images: session.run(["logits"], {"images": images.numpy()})[0],
        model,
        image_size=image_size,
    )


def exported_differences(path: Path, model: FactClassifier, image_size: int) -> dict[str, float]:
    """Return the same of the ``.pt2`` archive, read back."""
    module = torch.export.load(path).module()
    return _differences(
        "torch.export", lambda images: module(images).detach().numpy(), model, image_size=image_size
    )


@torch.inference_mode()
def _differences(
    name: str, run: Callable[[Tensor], np.ndarray], model: FactClassifier, image_size: int
) -> dict[str, float]:
    result = {}
    for count in BATCHES:
        images = sample_images(count, image_size)
        wanted = model(images).numpy()
        result[str(count)] = float(np.abs(run(images) - wanted).max() / np.abs(wanted).max())
        if not result[str(count)] <= TOLERANCE:
            raise ConfigError(
                f"{name}: logits of a batch of {count} differ from the model's by {result[str(count)]:.1e} "
                "of the largest; this backbone cannot be exported"
            )
    return result


def write_timm(folder: Path, model: FactClassifier, config: dict) -> str:
    """Return a local timm folder (``timm.create_model("local-dir:…")``), with a classifier where the head is
    one.

    Returns what it holds: ``backbone and head``, or ``backbone`` where timm has no head of this kind.
    """
    linear = pooled_linear(Head(dict(model.head.items())), config["pooled_is_mean"])
    merged = _with_classifier(model, linear, config) if linear else None
    whole = merged is not None
    module = merged or model.backbone.model
    folder.mkdir(parents=True, exist_ok=True)
    with publish(folder / "model.safetensors") as temporary:
        tensors = {name: value.contiguous().clone() for name, value in module.state_dict().items()}
        save_file(tensors, temporary, metadata={"format": "pt"})
    classes = config["classes"] if whole else []
    publish_text(folder / "config.json", json.dumps(_timm_config(config, module, classes), indent=1) + "\n")
    return "backbone and head" if whole else "backbone"


def _with_classifier(model: FactClassifier, linear: tuple[Tensor, Tensor], config: dict) -> nn.Module | None:
    """Return timm's own model with the head as its classifier; None where it computes something else."""
    module = create_architecture(config["architecture"], config["model_args"]).eval()
    module.load_state_dict(model.backbone.model.state_dict())
    weight, bias = linear
    try:
        module.reset_classifier(len(bias))
        classifier = module.get_classifier()
        with torch.no_grad():
            classifier.weight.copy_(weight.view_as(classifier.weight))
            classifier.bias.copy_(bias)
        images = sample_images(2, config["preprocessing"]["image_size"])
        with torch.inference_mode():
            same = torch.allclose(module.eval()(images), model(images), rtol=1e-3, atol=1e-3)
    except (AttributeError, RuntimeError, TypeError):
        return None
    return module if same else None


def _timm_config(config: dict, module: nn.Module, classes: list[str]) -> dict:
    """Return what timm reads from a local folder's ``config.json``."""
    options = config["preprocessing"]
    cfg = dict(getattr(module, "pretrained_cfg", {}) or {})
    names = {key: cfg[key] for key in ("first_conv", "classifier") if cfg.get(key)}
    return {
        "architecture": config["architecture"],
        "num_classes": len(classes),
        "num_features": module.num_features,
        "label_names": classes,
        "pretrained_cfg": {
            "input_size": [3, options["image_size"], options["image_size"]],
            "mean": options["mean"],
            "std": options["std"],
            "interpolation": options["interpolation"],
            "crop_pct": 0.875 if options["transform"] == "inner_crop" else 1.0,
            "crop_mode": "squash" if options["transform"] == "squash" else "center",
            "num_classes": len(classes),
            "license": config["license"],
            **names,
        },
        "model_args": config["model_args"],
    }


def about_model(config: Settings) -> Settings:
    """Return what an exported file says about itself: what is needed to use it.

    Not the estimate, which an audit may replace later: the card has it.
    """
    return {key: config[key] for key in ("classes", "preprocessing", "architecture", "recipe", "license")}


def export_all(folder: Path, model: FactClassifier, config: dict) -> dict:
    """Write every export into the folder; returns differences by batch, and what timm's folder holds."""
    size = config["preprocessing"]["image_size"]
    images = sample_images(2, size)
    with torch.inference_mode():
        publish_tensors(folder / SELFTEST, {"images": images, "logits": model(images)}, {})
    program = exported_program(model, size)
    write_exported(folder / EXPORTED, program)
    write_onnx(folder / ONNX, program, size, about=about_model(config))
    return {
        "onnx": onnx_differences(folder / ONNX, model, size),
        "exported": exported_differences(folder / EXPORTED, model, size),
        "timm": write_timm(folder / TIMM, model, config),
    }
