"""A model as a folder: ``config.json``, ``model.safetensors``, and what is exported beside them.

Everything is JSON or safetensors; nothing here writes or reads a pickle.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from fact.backbones.interface import Backbone
from fact.backbones.weights import create_architecture
from fact.infra.errors import ArtifactError
from fact.infra.fields import Settings
from fact.infra.files.record import publish_record
from fact.infra.files.tensors import publish_tensors, read_tensors
from fact.model.classifier import FactClassifier
from fact.model.config_file import CONFIG, FORMAT, VERSION, read_config
from fact.training.heads.head import Head

WEIGHTS, ADAPTER = "model.safetensors", "adapter"
HEAD, BACKBONE = "head.", "backbone.model."


def write_model(folder: Path, model: FactClassifier, config: Settings) -> None:
    """Publish the weights, then ``config.json`` with their checksum.

    ``config``: ``classes``, ``architecture``, ``model_args``, ``preprocessing``, and whatever else is to be
    known of the model, as plain JSON types.
    """
    publish_tensors(folder / WEIGHTS, model.state_dict(), {"format": FORMAT})
    sha256 = hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest()
    publish_record(
        folder / CONFIG, {**config, "format": FORMAT, "version": VERSION, "weights_sha256": sha256}
    )


def read_model(folder: Path) -> tuple[FactClassifier, dict]:
    """Return the classifier of a folder, on the CPU in eval mode, and its config.

    Raises FileNotFoundError, and ArtifactError for files that are damaged or do not belong together.
    """
    folder = Path(folder)
    config, (tensors, _) = read_config(folder), read_tensors(folder / WEIGHTS)
    if hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest() != config["weights_sha256"]:
        raise ArtifactError(
            f"{folder / WEIGHTS} is not the file that {CONFIG} describes; make the model again"
        )
    backbone = Backbone(create_architecture(config["architecture"], config["model_args"]))
    backbone.model.load_state_dict(_below(BACKBONE, tensors))
    return FactClassifier(backbone, Head(_below(HEAD, tensors))).eval(), config


def _below(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
