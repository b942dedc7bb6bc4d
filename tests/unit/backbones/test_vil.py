import pytest
import torch
from fact.backbones.interface import Backbone, pooled_dim
from fact.backbones.spec import read_declared
from fact.backbones.vil import VisionLSTM
from fact.backbones.vil_block import BlockLinear, Gate, OffsetNorm
from fact.backbones.weights import create_architecture, fetch_weights, load_backbone
from fact.infra.files.sha256 import file_sha256
from torch import Tensor, nn

TINY = {"img_size": 64, "embed_dim": 16, "depth": 2}
IMAGES = (2, 3, 64, 64)


def tiny(**changes: object) -> VisionLSTM:
    """A small model with every parameter random, so that none is without effect."""
    torch.manual_seed(0)
    model = VisionLSTM(**{**TINY, "num_classes": 5, **changes}).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    return model


def published_names(depth: int) -> dict[str, str]:
    """Each tensor of the authors' files, and its name here."""
    layer = {
        "proj_up.weight": "proj_up.weight",
        "proj_up.bias": "proj_up.bias",
        "conv1d.weight": "conv.weight",
        "conv1d.bias": "conv.bias",
        "learnable_skip": "skip",
        "proj_down.weight": "proj_down.weight",
        "proj_down.bias": "proj_down.bias",
    }
    for part in ("weight", "bias"):
        layer |= {f"{x}_proj.{part}": f"{x}_proj.{part}" for x in "qkv"}
        layer |= {
            f"mlstm_cell.igate.{part}": f"input_gate.{part}",
            f"mlstm_cell.fgate.{part}": f"forget_gate.{part}",
            f"mlstm_cell.outnorm.{part}": f"head_norm.{part}",
        }
    names = {"pos_embed.embed": "pos_embed"}
    for part in ("weight", "bias"):
        names |= {
            f"patch_embed.proj.{part}": f"patch_embed.proj.{part}",
            f"xlstm.post_blocks_norm.{part}": f"norm.{part}",
            f"head.0.{part}": f"legacy_norm.{part}",
            f"head.1.{part}": f"head.{part}",
        }
        for i in range(depth):
            names[f"xlstm.blocks.{i}.xlstm_norm.{part}"] = f"blocks.{i}.norm.{part}"
    for i in range(depth):
        names |= {f"xlstm.blocks.{i}.xlstm.{old}": f"blocks.{i}.layer.{new}" for old, new in layer.items()}
    return names


def published(model: VisionLSTM, depth: int = 2) -> dict[str, Tensor]:
    state = model.state_dict()
    return {old: state[new] for old, new in published_names(depth).items()}


@pytest.mark.parametrize(("classes", "count"), [(1000, 23_398_696), (10, 22_637_386)])
def test_vil2_small_has_the_published_count(classes, count):
    with torch.device("meta"):
        model = VisionLSTM(num_classes=classes)
    assert sum(parameter.numel() for parameter in model.parameters()) == count


@torch.no_grad()
def test_timm_knows_the_name_and_pooled_is_768_wide():
    model = create_architecture("vil2_small", {"depth": 1})
    assert isinstance(model, VisionLSTM) and model.pretrained_cfg["input_size"] == (3, 224, 224)
    pooled, tokens = Backbone(model).eval().pooled_and_tokens(torch.randn(1, 3, 224, 224))
    assert pooled.shape == (1, 768) and tokens.shape == (1, 14, 14, 384)


@pytest.mark.parametrize("suffix", ["th", "safetensors"])
@torch.no_grad()
def test_the_authors_file_loads_strictly_through_the_common_loader(tmp_path, suffix):
    from safetensors.torch import save_file

    model = tiny()
    path = tmp_path / f"vil.{suffix}"
    tensors = published(model)
    assert len(tensors) == len(model.state_dict())
    save_file(tensors, path) if suffix == "safetensors" else torch.save({"state_dict": tensors}, path)
    declared = {
        "model": "vil2_small",
        "model_args": TINY,
        "weights": str(path),
        "sha256": file_sha256(path),
        "image_size": None,
    }
    spec = fetch_weights(read_declared("vil", declared), tmp_path / "out")
    assert spec.image_size == 64 and spec.mean == (0.485, 0.456, 0.406)
    backbone, _ = load_backbone(tmp_path / "out")
    images = torch.randn(IMAGES)
    expected = model.forward_head(model.forward_features(images), pre_logits=True)
    torch.testing.assert_close(backbone(images), expected)
    assert model(images).shape == (2, 5)


@pytest.mark.parametrize(
    "missing", ["xlstm.blocks.1.xlstm.mlstm_cell.fgate.bias", "head.0.weight", "pos_embed.embed"]
)
def test_a_missing_published_tensor_is_an_error(tmp_path, missing):
    tensors = published(tiny())
    del tensors[missing]
    path = tmp_path / "vil.th"
    torch.save({"state_dict": tensors}, path)
    declared = {
        "model": "vil2_small",
        "model_args": TINY,
        "weights": str(path),
        "sha256": file_sha256(path),
    }
    with pytest.raises(ValueError, match="does not fit VisionLSTM"):
        fetch_weights(read_declared("vil", declared), tmp_path / "out")


@torch.no_grad()
def test_published_positions_are_resized_to_another_grid(tmp_path):
    path = tmp_path / "vil.th"
    torch.save({"state_dict": published(tiny())}, path)
    declared = {
        "model": "vil2_small",
        "model_args": TINY | {"img_size": 96},
        "weights": str(path),
        "sha256": file_sha256(path),
    }
    assert fetch_weights(read_declared("vil", declared), tmp_path / "out").image_size == 96
    assert load_backbone(tmp_path / "out")[0].model.pos_embed.shape == (1, 6, 6, 16)


@pytest.mark.parametrize(("pooling", "dim"), [("ends", 32), ("ends_avg", 16), ("avg", 16)])
@torch.no_grad()
def test_poolings(tmp_path, pooling, dim):
    model = tiny(global_pool=pooling)
    tokens = model.forward_features(torch.randn(IMAGES))
    first, last = tokens[:, 0], tokens[:, -1]
    expected = {"avg": tokens.mean(1), "ends_avg": (first + last) / 2}.get(pooling)
    if expected is None:
        expected = model.legacy_norm(torch.cat([first, last], 1))
    torch.testing.assert_close(model.forward_head(tokens, pre_logits=True), expected)
    assert pooled_dim(Backbone(model), 64) == model.num_features == dim
    # weights with the norm after the joined ends load into every pooling
    path = tmp_path / "vil.th"
    torch.save({"state_dict": published(tiny())}, path)
    declared = {"model": "vil2_small", "model_args": TINY | {"global_pool": pooling}, "weights": str(path)}
    fetch_weights(read_declared("vil", declared | {"sha256": file_sha256(path)}), tmp_path / "out")


def test_an_unknown_pooling_is_refused():
    with pytest.raises(ValueError, match="global_pool 'cls' is unknown; use one of ends, ends_avg, avg"):
        VisionLSTM(**TINY, global_pool="cls")


@torch.no_grad()
def test_chunks_give_the_same_features():
    parallel, chunked = tiny(), tiny(chunk_size=5)
    images = torch.randn(IMAGES)
    torch.testing.assert_close(parallel(images), chunked(images), rtol=1e-4, atol=1e-5)


@torch.no_grad()
def test_the_first_block_reads_forwards_and_the_second_backwards():
    model = tiny()
    for block in model.blocks:
        # a convolution of the middle alone, so that only the cell carries news along the sequence
        block.layer.conv.weight[..., [0, 0, 0, 1, 1, 2, 2, 2], [0, 1, 2, 0, 2, 0, 1, 2]] = 0
    tokens = torch.randn(1, 16, 16)
    changed = tokens.clone()
    changed[:, 5] += 1
    for block, touched in zip(model.blocks, (range(5, 16), range(6)), strict=True):
        difference = (block(changed, (4, 4)) - block(tokens, (4, 4))).abs().sum(-1)[0]
        assert {i for i in range(16) if difference[i] > 1e-7} == set(touched)


@torch.no_grad()
def test_a_backward_block_is_a_forward_block_on_the_turned_image():
    forward, backward = tiny(depth=2).blocks
    forward.load_state_dict(backward.state_dict())
    tokens = torch.randn(2, 12, 16)
    turned = forward(tokens.flip(1), (3, 4)).flip(1)
    torch.testing.assert_close(backward(tokens, (3, 4)), turned)


@torch.no_grad()
def test_other_sizes_and_wide_images():
    model = tiny()
    assert Backbone(model).pooled_and_tokens(torch.randn(1, 3, 32, 96))[1].shape == (1, 2, 6, 16)


def test_every_parameter_is_trained():
    model = tiny()
    model(torch.randn(IMAGES)).square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().max() > 0 for p in model.parameters())


@torch.no_grad()
def test_block_linear_is_a_block_diagonal_matrix():
    layer = BlockLinear(32)
    nn.init.normal_(layer.weight)
    nn.init.normal_(layer.bias)
    x = torch.randn(2, 5, 32)
    torch.testing.assert_close(layer(x), x @ torch.block_diag(*layer.weight).T + layer.bias)


@torch.no_grad()
def test_a_gate_is_linear_in_all_three():
    gate = Gate(8)
    nn.init.normal_(gate.weight)
    q, k, v = torch.randn(3, 2, 5, 8)
    torch.testing.assert_close(gate(q, k, v), torch.cat([q, k, v], -1) @ gate.weight.T + gate.bias)


@torch.no_grad()
def test_offset_norm_is_one_plus_its_weight():
    x = torch.randn(3, 7, 8)
    norm = OffsetNorm(8, eps=1e-5)
    torch.testing.assert_close(norm(x), nn.functional.layer_norm(x, (8,)))
    by_head = OffsetNorm(8, eps=1e-5, heads=2)
    nn.init.normal_(by_head.weight)
    nn.init.normal_(by_head.bias)
    expected = nn.functional.group_norm(x.flatten(0, 1), 2, 1 + by_head.weight, by_head.bias).view(3, 7, 8)
    torch.testing.assert_close(by_head(x), expected)


@torch.no_grad()
def test_stochastic_depth_acts_in_training_alone():
    model = create_architecture("vil2_small", TINY, drop_path=0.5)
    images = torch.randn(8, 3, 64, 64)
    assert torch.equal(model.eval()(images), model(images))
    assert not torch.equal(model.train()(images), model(images))


@pytest.mark.parametrize("chunk_size", [None, 5])
@torch.no_grad()
def test_bf16_autocast_comes_close(chunk_size):
    model, images = tiny(chunk_size=chunk_size), torch.randn(IMAGES)
    exact = model.forward_features(images)
    with torch.autocast("cpu", torch.bfloat16):
        rounded = model.forward_features(images)
    assert (rounded.float() - exact).norm() < 0.03 * exact.norm()
