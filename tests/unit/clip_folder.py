"""A small CLIP text model with random weights, as a folder in the real format."""

import json
from pathlib import Path

import torch

WORDS = ["a", "photo", "of", "cat", "dog", "ship"]
WIDTH = 12


def write_clip_text(folder: Path) -> Path:

    from transformers import CLIPTextConfig, CLIPTextModelWithProjection

    letters = [chr(code) for code in range(33, 127)]
    pieces = [*letters, *(f"{letter}</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    folder.mkdir(parents=True)
    (folder / "vocab.json").write_text(json.dumps({piece: number for number, piece in enumerate(pieces)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    (folder / "tokenizer_config.json").write_text(json.dumps({"model_max_length": 24}))
    torch.manual_seed(0)
    config = CLIPTextConfig(
        vocab_size=len(pieces), hidden_size=16, intermediate_size=32, num_hidden_layers=2,
        num_attention_heads=2, projection_dim=WIDTH, max_position_embeddings=24,
        bos_token_id=len(pieces) - 2, eos_token_id=len(pieces) - 1, pad_token_id=len(pieces) - 1,
    )  # fmt: skip
    CLIPTextModelWithProjection(config).save_pretrained(folder)
    return folder
