"""Full finetuning: every parameter of backbone and head is trained (phase 2, FF)."""

from torch import Tensor, nn

from fact.backbones.interface import Classifier


def prepare(classifier: Classifier, settings: dict) -> nn.Module:
    """The classifier itself, with everything trainable."""
    return classifier.requires_grad_(True)


def trained_tensors(model: nn.Module) -> dict[str, Tensor]:
    """What a checkpoint stores: all parameters and buffers."""
    return model.state_dict()


def restore(classifier: Classifier, settings: dict, tensors: dict[str, Tensor]) -> Classifier:
    """The tuned classifier, from a fresh one and a checkpoint's tensors."""
    classifier.load_state_dict(tensors)
    return classifier
