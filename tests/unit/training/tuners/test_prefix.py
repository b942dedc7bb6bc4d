import pytest
import torch
from fact.backbones.interface import Classifier
from fact.training.recipe import count_parameters
from fact.training.tuners import prefix
from torch import nn
from vits import VITS, classifier


def attention(kind: str = "vit") -> tuple[nn.Module, torch.Tensor]:
    model, _ = classifier(kind)
    torch.manual_seed(2)
    return model.backbone.model.blocks[0].attn, torch.randn(2, 17, 32)


def test_fifteen_tokens_on_vit_small_are_the_papers_count():
    from fact.backbones.interface import Backbone
    from fact.backbones.weights import create_architecture

    with torch.device("meta"):
        backbone = Backbone(create_architecture("vit_small_patch16_224", {}))
        model = prefix.prepare(Classifier(backbone, 384, 10), prefix.Settings(num_tokens=15))
    assert count_parameters(model) == {"trainable": 142_090, "total": 21_669_514 + 138_240}


@torch.no_grad()
def test_zero_keys_and_values_take_their_share_of_uniform_attention():
    attn, tokens = attention()
    nn.init.zeros_(attn.qkv.weight[:64])
    nn.init.zeros_(attn.qkv.bias[:64])
    nn.init.zeros_(attn.proj.bias)
    plain = attn(tokens)
    wrapped = prefix.PrefixAttention(attn, 3)
    nn.init.zeros_(wrapped.keys)
    nn.init.zeros_(wrapped.values)
    torch.testing.assert_close(wrapped(tokens), plain * 17 / 20)


@pytest.mark.parametrize("kind", VITS)
@torch.no_grad()
def test_prefixes_that_are_a_tokens_own_keys_and_values_count_as_that_token_again(kind):
    attn, tokens = attention(kind)
    wrapped = prefix.PrefixAttention(attn, 1)
    tokens = tokens[:1]
    _, key, value = attn.qkv(tokens[0, :1]).unflatten(-1, (3, -1)).unbind(1)
    wrapped.keys.copy_(attn.k_norm(key.unflatten(-1, (attn.num_heads, -1))).flatten(1))
    wrapped.values.copy_(value)
    doubled = torch.cat([tokens[:, :1], tokens], 1)
    torch.testing.assert_close(wrapped(tokens), attn(doubled)[:, 1:], atol=1e-5, rtol=1e-5)


def test_masks_are_refused():
    attn, tokens = attention()
    with pytest.raises(ValueError, match="no attention masks"):
        prefix.PrefixAttention(attn, 1)(tokens, is_causal=True)
