"""Semantic patterns against timm's own attention and tokens, and K-Means in closed form."""

import numpy as np
import pytest
import torch
from fact.backbones.interface import Backbone
from fact.backbones.patterns import PatternBackbone, attended, cluster_cells
from sklearn.cluster import KMeans
from vits import OTHERS, VITS, classifier


def backbone_and_images(kind: str) -> tuple[Backbone, torch.Tensor]:
    model, images = classifier(kind)
    return model.backbone, images


@pytest.mark.parametrize("kind", ["vit", "registers", "queries and keys normed"])
@torch.no_grad()
def test_a_vit_gives_what_its_last_block_attends_to(kind):
    backbone, images = backbone_and_images(kind)
    pooled, patterns = PatternBackbone(backbone, 1, 0.5).pooled_and_tokens(images)
    model, seen = backbone.model, {}
    # timm's own attention, seen where its weights pass through dropout
    model.blocks[-1].attn.fused_attn = False
    model.blocks[-1].attn.attn_drop.register_forward_pre_hook(lambda _, inputs: seen.update(maps=inputs[0]))
    expected = backbone(images)
    attention = seen["maps"].mean(dim=1)[:, 0, model.num_prefix_tokens :]
    cells = model.get_intermediate_layers(images, n=2, norm=True)[0]
    kept = attended(attention, 0.5)
    assert 0 < kept.sum() < kept.numel()
    means = torch.stack([image[mask].mean(dim=0) for image, mask in zip(cells, kept, strict=True)])
    assert torch.allclose(pooled, expected, atol=1e-5)
    assert torch.allclose(patterns[:, 0, 0], means, atol=1e-5)


@pytest.mark.parametrize("kind", ["mean-pooled", *OTHERS])
@torch.no_grad()
def test_other_models_give_all_cells_of_their_last_map(kind):
    backbone, images = backbone_and_images(kind)
    pooled, patterns = PatternBackbone(backbone, 1, 0.5).pooled_and_tokens(images)
    expected, grid = backbone.pooled_and_tokens(images)
    assert torch.equal(pooled, expected)
    assert torch.allclose(patterns[:, 0, 0], grid.flatten(1, 2).mean(dim=1), atol=1e-5)


@pytest.mark.parametrize("kind", [*VITS, *OTHERS])
@torch.no_grad()
def test_every_model_gives_as_many_patterns_as_asked_for(kind):
    backbone, images = backbone_and_images(kind)
    _, patterns = PatternBackbone(backbone, 3, 0.5).pooled_and_tokens(images)
    assert patterns.shape[:3] == (2, 1, 3)
    assert patterns.isfinite().all()
    _, alone = PatternBackbone(backbone, 3, 0.5).pooled_and_tokens(images[1:])
    assert torch.allclose(patterns[1:], alone, atol=1e-4)


def test_the_fewest_cells_that_hold_more_than_the_share():
    attention = torch.tensor([[0.4, 0.1, 0.3, 0.2], [0.1, 0.7, 0.1, 0.1], [0.25, 0.25, 0.25, 0.25]])
    expected = [[True, False, True, False], [False, True, False, False], [True, True, True, False]]
    assert attended(attention, 0.5).tolist() == expected
    assert torch.equal(attended(5 * attention, 0.5), attended(attention, 0.5))


def test_centres_are_where_kmeans_has_them():
    generator = np.random.default_rng(0)
    middles = 10 * generator.standard_normal((4, 6))
    cells = middles[generator.integers(4, size=60)] + 0.1 * generator.standard_normal((60, 6))
    found = cluster_cells(torch.from_numpy(cells)[None], torch.ones(1, 60, dtype=torch.bool), 4)[0].numpy()
    expected = KMeans(4, n_init=10, random_state=0).fit(cells).cluster_centers_
    assert np.allclose(np.sort(found, axis=0), np.sort(expected, axis=0))


def test_cells_left_out_play_no_part():
    cells = torch.randn(2, 9, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    kept = torch.tensor([[True] * 5 + [False] * 4] * 2)
    moved = torch.where(kept[..., None], cells, 100 * cells)
    assert torch.equal(cluster_cells(cells, kept, 2), cluster_cells(moved, kept, 2))


def test_an_image_with_fewer_cells_than_patterns_repeats_its_first():
    cells = torch.tensor([[[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]]])
    kept = torch.tensor([[True, True, False]])
    patterns = cluster_cells(cells, kept, 4)[0]
    assert {tuple(row) for row in patterns.tolist()} == {(1.0, 0.0), (0.0, 1.0)}
    assert torch.equal(patterns[2:], patterns[:1].expand(2, 2))
