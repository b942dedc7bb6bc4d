"""A CLIP text tower: sentences to vectors, by transformers, from a local folder or the hub."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from fact.config.weights_source import LOCAL_DIR
from fact.infra.errors import ConfigError

BATCH = 256


class TextTower:
    """Text encoder and projection of a CLIP model.

    ``model``: ``local-dir:FOLDER`` with config.json, model.safetensors and the tokenizer's files, or a name
    of the hub such as ``openai/clip-vit-large-patch14``, VeCAF's (768 values). Weights come from safetensors
    alone, never from a pickle.
    Raises FileNotFoundError for a folder that is not there, ConfigError for one that is no CLIP text model.
    """

    def __init__(self, model: str) -> None:
        from transformers import CLIPTextModelWithProjection, CLIPTokenizer

        source = model.removeprefix(LOCAL_DIR)
        if model.startswith(LOCAL_DIR) and not Path(source).is_dir():
            raise FileNotFoundError(f"{source}: no such folder; put a CLIP text model there")
        try:
            self._tokenizer = CLIPTokenizer.from_pretrained(source)
            self._model = CLIPTextModelWithProjection.from_pretrained(source, use_safetensors=True).eval()
        except (OSError, ValueError, KeyError) as error:
            reason = str(error).splitlines()[0]
            raise ConfigError(f"{source} cannot be read as a CLIP text model ({reason})") from error

    @torch.inference_mode()
    def encode(self, sentences: Sequence[str]) -> np.ndarray:
        """Return embeddings float32 (n, D), not normalised.

        Longer sentences are cut at the model's length.
        """
        parts = [sentences[start : start + BATCH] for start in range(0, len(sentences), BATCH)]
        return np.concatenate([self._encode(list(part)) for part in parts])

    def _encode(self, sentences: list[str]) -> np.ndarray:
        length = self._model.config.max_position_embeddings
        tokens = self._tokenizer(
            sentences, padding=True, truncation=True, max_length=length, return_tensors="pt"
        )
        return self._model(**tokens).text_embeds.float().numpy()
