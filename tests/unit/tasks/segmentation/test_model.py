"""The model: levels, neck, head, and a loss that sees labelled pixels alone."""

import pytest
import torch
import torch.nn.functional as F
from fact.backbones.interface import Backbone
from fact.backbones.weights import create_architecture
from fact.data.masks import IGNORE
from fact.tasks.segmentation.decoder import Decoder, MultiLevelNeck
from fact.tasks.segmentation.feature_pyramid import FeaturePyramid
from fact.tasks.segmentation.model import Segmenter, segmentation_loss
from fact.tasks.segmentation.settings import read_decoder
from segmentation_data import DECODER

VIT = {"img_size": 32, "patch_size": 8, "embed_dim": 16, "depth": 8, "num_heads": 2}


def vit(**changes: object) -> FeaturePyramid:
    torch.manual_seed(0)
    return FeaturePyramid(
        Backbone(create_architecture("vit_tiny_patch16_224", VIT | changes, any_size=True)).eval()
    )


def test_a_vit_gives_the_tokens_after_each_quarter_of_its_blocks() -> None:
    levels = vit()
    assert (levels.indices, levels.channels, levels.stride, levels.plain) == ([1, 3, 5, 7], [16] * 4, 8, True)
    images, seen = torch.randn(2, 3, 32, 32), []
    hooks = [
        levels.model.blocks[block].register_forward_hook(lambda _, __, out: seen.append(out))
        for block in levels.indices
    ]
    found = levels(images)
    for hook in hooks:
        hook.remove()
    for level, tokens in zip(found, seen, strict=True):
        grid = tokens[:, 1:].transpose(1, 2).unflatten(2, (4, 4))
        assert torch.equal(level, grid)


def test_published_depths_are_blocks_3_6_9_and_12() -> None:
    assert vit(depth=12).indices == [2, 5, 8, 11]
    assert vit(depth=24).indices == [5, 11, 17, 23]


def test_position_embeddings_are_interpolated_to_any_size() -> None:
    levels = vit()
    assert levels.shapes(64) == [[16, 8, 8]] * 4
    with torch.no_grad():
        assert levels(torch.zeros(1, 3, 24, 40))[0].shape == (1, 16, 3, 5)


def test_a_cnn_gives_its_pyramid() -> None:
    levels = FeaturePyramid(Backbone(create_architecture("mobilenetv2_035", {})).eval())
    assert levels.stride == 32 and not levels.plain
    assert [shape[1:] for shape in levels.shapes(64)] == [[16, 16], [8, 8], [4, 4], [2, 2]]
    assert [shape[0] for shape in levels.shapes(64)] == levels.channels


def test_the_neck_makes_a_pyramid_of_one_grid() -> None:
    neck = MultiLevelNeck([4] * 4, 6)
    sizes = [tuple(out.shape) for out in neck([torch.randn(2, 4, 8, 8)] * 4)]
    assert sizes == [(2, 6, 32, 32), (2, 6, 16, 16), (2, 6, 8, 8), (2, 6, 4, 4)]


def test_the_published_head_has_its_published_size() -> None:
    settings = DECODER | {"channels": 512, "auxiliary_channels": 256, "pool_scales": [1, 2, 3, 6]}
    with torch.device("meta"):
        head = Decoder([384] * 4, True, 150, read_decoder(settings))
    pools, laterals = 4 * (384 * 512 + 1024), 3 * (384 * 512 + 1024)
    threes = (384 + 4 * 512) + 3 * 512 + 4 * 512  # inputs of 3×3 convolutions to 512 channels, five of them
    expected = pools + laterals + threes * 512 * 9 + 5 * 1024 + 512 * 150 + 150
    assert sum(p.numel() for p in head.upernet.parameters()) == expected == 29_187_222
    # 4 × (1×1 and 3×3 convolutions of 384 channels, with biases)
    assert sum(p.numel() for p in head.neck.parameters()) == 4 * (384 * 384 + 384 + 9 * 384 * 384 + 384)


def test_auxiliary_logits_are_for_training_alone() -> None:
    model = Segmenter(vit(), Decoder([16] * 4, True, 3, read_decoder(DECODER)))
    images = torch.randn(2, 3, 32, 32)
    logits, auxiliary = model.train()(images)
    assert logits.shape == (2, 3, 16, 16) and auxiliary.shape == (2, 3, 2, 2)
    assert model.eval()(images)[1] is None


def test_the_loss_is_the_mean_over_labelled_pixels() -> None:
    torch.manual_seed(0)
    logits, masks = torch.randn(1, 3, 4, 4), torch.randint(0, 3, (1, 4, 4))
    masks[0, :2] = IGNORE
    expected = F.cross_entropy(logits[0, :, 2:].flatten(1).T, masks[0, 2:].flatten())
    torch.testing.assert_close(segmentation_loss((logits, None), masks, 0.4), expected)
    both = segmentation_loss((logits, logits), masks, 0.4)
    torch.testing.assert_close(both, 1.4 * expected)
    nothing = torch.full_like(masks, IGNORE)
    assert segmentation_loss((logits, logits), nothing, 0.4) == 0


@pytest.mark.parametrize("size", [(4, 4), (9, 5)])
def test_coarse_logits_are_enlarged_to_the_mask(size: tuple[int, int]) -> None:
    constant = torch.tensor([2.0, 0.0]).view(1, 2, 1, 1).expand(1, 2, 2, 2)
    masks = torch.zeros(1, *size, dtype=torch.int64)
    expected = torch.log(1 + torch.exp(torch.tensor(-2.0)))
    torch.testing.assert_close(segmentation_loss((constant, None), masks, 0.4), expected)
