"""Visual prompt tuning (VPT; Jia et al., ECCV 2022): learnt tokens beside the image's own.

Shallow prompts enter before the first block and go through all of them (equations 4 to 6); deep ones are
fresh for every block (equations 7 and 8). They stand behind the class and register tokens and are taken away
again, so that pooling and token grids are those of the image. Step 0 is not the identity: attention falls on
the prompts, too.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from torch import Tensor, cat, nn

from fact.backbones.interface import Classifier
from fact.training.added import load_trained, trained_tensors, transformer

__all__ = ["Settings", "prepare", "restore", "trained_tensors"]

if TYPE_CHECKING:
    from timm.models.vision_transformer import VisionTransformer


@dataclass(frozen=True)
class Settings:
    """How many prompts, a set for every block (``deep``) or one for all, and their dropout."""

    num_tokens: int
    deep: bool
    dropout: float


def prepare(classifier: Classifier, settings: Settings) -> Classifier:
    """Return the classifier with prompts in its ViT; only these and the head are trainable.

    They are drawn from torch's global generator: seed it before. Raises ConfigError where there is no ViT.
    """
    model = transformer(classifier, "prompts")
    parts: Iterable[nn.Module] = model.blocks if settings.deep else [model.blocks]
    model.blocks = nn.Sequential(*(Prompted(part, model, settings) for part in parts))
    return classifier


def restore(classifier: Classifier, settings: Settings, tensors: Mapping[str, Tensor]) -> Classifier:
    """Return the tuned classifier, from a fresh one and a checkpoint's tensors.

    Raises ArtifactError when the checkpoint's tensors are not those of this backbone and recipe.
    """
    return load_trained(prepare(classifier, settings), tensors)


class Prompted(nn.Module):
    """A block or several, (B, N, D) → (B, N, D), with prompts (1, n, D) among the tokens inside."""

    def __init__(self, blocks: nn.Module, model: "VisionTransformer", settings: Settings) -> None:
        super().__init__()
        self.blocks, self.before = blocks, model.num_prefix_tokens
        weight = model.patch_embed.proj.weight
        self.prompts = nn.Parameter(weight.new_empty(1, settings.num_tokens, model.embed_dim))
        self.dropout = nn.Dropout(settings.dropout)
        # VPT's own start: Xavier, as if prompts came out of the patch embedding
        bound = (6 / (weight[0].numel() + model.embed_dim)) ** 0.5
        nn.init.uniform_(self.prompts, -bound, bound)

    def forward(self, tokens: Tensor) -> Tensor:
        prefix, image = tokens.tensor_split([self.before], dim=1)
        prompts = self.dropout(self.prompts).expand(len(tokens), -1, -1)
        out = self.blocks(cat([prefix, prompts, image], dim=1))
        return cat([out[:, : self.before], out[:, self.before + prompts.shape[1] :]], dim=1)
