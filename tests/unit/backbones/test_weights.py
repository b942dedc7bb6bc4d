import json
from pathlib import Path

import pytest
import torch
from fact.backbones.spec import BackboneSpec, read_declared, read_spec
from fact.backbones.weights import (
    create_architecture,
    fetch_weights,
    load_backbone,
    write_backbone,
)
from fact.infra.errors import ArtifactError, ConfigError, DataError
from fact.infra.files.record import publish_record, read_record
from fact.infra.files.sha256 import file_sha256
from safetensors.torch import load_file, save_file
from torch import nn

VIT = {"img_size": 16, "patch_size": 4, "embed_dim": 32, "depth": 2, "num_heads": 2}
CONVNEXT = {"depths": (1, 1, 1, 1), "dims": (4, 8, 12, 16)}
SWIN = {"img_size": 32, "window_size": 4, "embed_dim": 8, "depths": (1, 1), "num_heads": (2, 2)}
TINY = ("vit_tiny_patch16_224", VIT)
MODELS = [TINY, ("convnext_tiny", CONVNEXT), ("swin_tiny_patch4_window7_224", SWIN), ("mobilenetv2_050", {})]


def build(name: str = TINY[0], args: dict = VIT, classes: int = 0) -> nn.Module:
    """A timm model with running statistics that are not the initial ones."""
    import timm

    torch.manual_seed(0)
    model = timm.create_model(name, num_classes=classes, **args)
    for key, buffer in model.named_buffers():
        if key.endswith(("running_mean", "running_var")):
            buffer.uniform_(0.5, 1.5)
    return model


def saved(path: Path, model: nn.Module, dtype: torch.dtype = torch.float32) -> str:
    tensors = {
        key: value.to(dtype) if value.is_floating_point() else value
        for key, value in model.state_dict().items()
    }
    if path.suffix == ".pth":
        torch.save({"model": tensors}, path)
    else:
        save_file({key: value.contiguous() for key, value in tensors.items()}, path)
    return str(path)


def declared(weights: str | None, **changes) -> dict:
    return {"model": TINY[0], "model_args": VIT, "weights": weights} | changes


def written(folder: Path, model: nn.Module | None = None) -> BackboneSpec:
    half = (0.5, 0.5, 0.5)
    spec = BackboneSpec(
        architecture=TINY[0],
        model_args=VIT,
        image_size=16,
        interpolation="bicubic",
        mean=half,
        std=half,
        source="x",
    )
    return write_backbone(folder, model or build(), spec)


@pytest.mark.parametrize(("name", "args"), MODELS)
@pytest.mark.parametrize("suffix", ["safetensors", "pth"])
@torch.no_grad()
def test_a_published_checkpoint_with_classifier_becomes_a_backbone(tmp_path, name, args, suffix):
    model = build(name, args, classes=7).eval()
    weights = saved(tmp_path / f"m.{suffix}", model)
    given = declared(weights, model=name, model_args=args, sha256=file_sha256(Path(weights)))
    spec = fetch_weights(read_declared("b", given), tmp_path / "out")
    backbone, read = load_backbone(tmp_path / "out")
    assert spec == read and spec.to_json() == read_record(tmp_path / "out/backbone.json")
    assert spec.weights_sha256 == file_sha256(tmp_path / "out/model.safetensors")
    images = torch.randn(2, 3, spec.image_size, spec.image_size)
    expected = model.forward_head(model.forward_features(images), pre_logits=True)
    assert not backbone.training
    torch.testing.assert_close(backbone(images), expected)


def test_half_precision_files_become_float32(tmp_path):
    model = build()
    fetch_weights(
        read_declared("b", declared(saved(tmp_path / "m.safetensors", model, torch.float16))),
        tmp_path / "out",
    )
    tensors = load_file(tmp_path / "out/model.safetensors")
    assert tensors.keys() == model.state_dict().keys()
    for key, value in model.state_dict().items():
        assert tensors[key].dtype == torch.float32
        assert torch.equal(tensors[key], value.half().float())


def test_spec_takes_what_is_declared_and_the_models_own_for_the_rest(tmp_path):
    weights = saved(tmp_path / "m.safetensors", build())
    own = fetch_weights(read_declared("b", declared(weights, mean=None)), tmp_path / "own")
    assert {key: own.to_json()[key] for key in ("image_size", "mean", "std", "interpolation", "source")} == {
        "image_size": 16,
        "mean": [0.5] * 3,
        "std": [0.5] * 3,
        "interpolation": "bicubic",
        "source": "vit_tiny_patch16_224",
    }
    changes = {"mean": [0.1, 0.2, 0.3], "std": [0.4] * 3, "interpolation": "bilinear", "image_size": 16}
    spec = fetch_weights(read_declared("b", declared(weights, **changes)), tmp_path / "declared")
    assert {key: spec.to_json()[key] for key in changes} == changes
    assert read_spec(tmp_path / "declared") == spec


@pytest.mark.parametrize("old", [False, True])
def test_a_local_timm_folder_is_read(tmp_path, old):
    model = build(classes=7)
    saved(tmp_path / "model.safetensors", model)
    own = {"mean": [0.25] * 3, "std": [0.75] * 3, "interpolation": "bilinear", "license": "mit"}
    record = {"architecture": TINY[0], "model_args": VIT | {"num_classes": 7}}
    record |= own if old else {"pretrained_cfg": own}
    (tmp_path / "config.json").write_text(json.dumps(record))
    spec = fetch_weights(read_declared("b", {"model": f"local-dir:{tmp_path}"}), tmp_path / "out")
    assert {key: spec.to_json()[key] for key in own} == own and spec.image_size == 16
    backbone, _ = load_backbone(tmp_path / "out")
    assert torch.equal(backbone.model.pos_embed, model.pos_embed)


def test_declared_weights_replace_those_of_a_local_folder(tmp_path):
    saved(tmp_path / "model.safetensors", build())
    model = build()
    nn.init.ones_(model.cls_token)
    other = saved(tmp_path / "other.safetensors", model)
    (tmp_path / "config.json").write_text(json.dumps({"architecture": TINY[0], "model_args": VIT}))
    fetch_weights(read_declared("b", {"model": f"local-dir:{tmp_path}", "weights": other}), tmp_path / "out")
    assert (load_backbone(tmp_path / "out")[0].model.cls_token == 1).all()


def test_incomplete_local_folders_are_named(tmp_path):
    given = {"model": f"local-dir:{tmp_path}/none"}
    with pytest.raises(FileNotFoundError, match=r"backbones\.b\.model: .*none/config\.json does not exist"):
        fetch_weights(read_declared("b", given), tmp_path / "out")
    (tmp_path / "none").mkdir()
    config = tmp_path / "none/config.json"
    config.write_text('{"architectures": ["Dinov2Model"]}')
    with pytest.raises(ValueError, match=r"config\.json has no `architecture`"):
        fetch_weights(read_declared("b", given), tmp_path / "out")
    config.write_text(json.dumps({"architecture": TINY[0], "model_args": VIT}))
    with pytest.raises(FileNotFoundError, match=r"none/model\.safetensors does not exist"):
        fetch_weights(read_declared("b", given), tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": "mobilenetv2_050", "model_args": {}}, "does not fit EfficientNet"),
        ({"model": "convnext_tiny", "model_args": CONVNEXT}, "does not fit ConvNeXt"),
        ({"model_args": VIT | {"depth": 3}}, r"does not fit VisionTransformer.*(?s:.)*blocks\.2"),
        ({"model_args": VIT | {"depth": 1}}, r"does not fit VisionTransformer.*(?s:.)*blocks\.1"),
        ({"model_args": VIT | {"embed_dim": 64}}, "does not fit VisionTransformer"),
        ({"model_args": VIT | {"patches": 3}}, "timm could not build 'vit_tiny_patch16_224'.*patches"),
        ({"model": "vit_of_tomorrow"}, "timm has no model 'vit_of_tomorrow'"),
        ({"image_size": 32}, r"image_size: .* side 32 .* set model_args: \{img_size: 32\}"),
    ],
)
def test_declarations_that_do_not_fit_are_refused(tmp_path, changes, message):
    weights = saved(tmp_path / "m.safetensors", build())
    with pytest.raises(ValueError, match=r"backbones\.b.*" + message):
        fetch_weights(read_declared("b", declared(weights, **changes)), tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("missing", ["blocks.1.mlp.fc2.bias", "pos_embed", "norm.weight"])
def test_a_missing_tensor_is_an_error(tmp_path, missing):
    tensors = {key: value for key, value in build().state_dict().items() if key != missing}
    save_file(tensors, tmp_path / "m.safetensors")
    with pytest.raises(ValueError, match=missing):
        fetch_weights(read_declared("b", declared(str(tmp_path / "m.safetensors"))), tmp_path / "out")


def test_a_missing_file_and_a_wrong_sha256_are_errors(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.pth does not exist"):
        fetch_weights(read_declared("b", declared(str(tmp_path / "none.pth"))), tmp_path / "out")
    weights = saved(tmp_path / "m.safetensors", build())
    with pytest.raises(ValueError, match="expected 12ab"):
        fetch_weights(read_declared("b", declared(weights, sha256="12ab")), tmp_path / "out")


def test_without_a_network_a_hub_model_ends_in_a_remedy(tmp_path, monkeypatch):
    def unreachable(*_: object, **__: object) -> None:
        raise OSError("Name or service not known")

    monkeypatch.setattr("timm.create_model", unreachable)
    with pytest.raises(
        ValueError, match=r"could not be fetched \(Name .*run this rule where there is a network"
    ):
        fetch_weights(read_declared("b", {"model": "vit_small_patch16_224.dino"}), tmp_path / "out")


def test_a_changed_weights_file_is_refused(tmp_path):
    spec = written(tmp_path)
    model = build()
    nn.init.zeros_(model.norm.weight)
    weights = saved(tmp_path / "model.safetensors", model)
    with pytest.raises(ValueError, match=rf"is not the recorded {spec.weights_sha256}; delete the folder"):
        load_backbone(tmp_path)
    Path(weights).write_bytes(b"")
    with pytest.raises(ValueError, match="is not the recorded"):
        load_backbone(tmp_path)


def test_missing_folders_and_files_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none/backbone\.json does not exist; run rule get_weights"):
        load_backbone(tmp_path / "none")
    written(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(FileNotFoundError, match=r"model\.safetensors"):
        load_backbone(tmp_path)


def test_the_same_model_gives_the_same_bytes(tmp_path):
    assert written(tmp_path / "a") == written(tmp_path / "b")
    for name in ("model.safetensors", "backbone.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


@torch.no_grad()
def test_drop_path_acts_in_training_alone(tmp_path):
    written(tmp_path)
    images = torch.randn(8, 3, 16, 16)
    plain, _ = load_backbone(tmp_path)
    dropping, _ = load_backbone(tmp_path, drop_path=0.5)
    assert torch.equal(plain(images), dropping(images))
    assert torch.equal(plain.train()(images), plain(images))
    assert not torch.equal(dropping.train()(images), dropping(images))


def test_drop_path_is_ignored_where_a_model_has_none():
    small = {"growth_rate": 4, "block_config": (1, 1)}
    with pytest.raises(TypeError, match="drop_path_rate"):
        create_architecture("densenet121", small | {"drop_path_rate": 0.1})
    assert create_architecture("densenet121", small, drop_path=0.1).num_features > 0


def test_random_weights_come_from_the_name_and_say_so(tmp_path):
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    specs = [
        fetch_weights(read_declared(name, declared("random")), tmp_path / f"{name}{run}")
        for name, run in (("a", 1), ("a", 2), ("b", 1))
    ]
    assert torch.equal(torch.random.get_rng_state(), before)
    sums = [spec.weights_sha256 for spec in specs]
    assert sums[0] == sums[1] != sums[2]
    assert specs[0].source == "random weights" and specs[0].license is None
    backbone, spec = load_backbone(tmp_path / "a1")
    assert spec == specs[0] and backbone(torch.zeros(1, 3, 16, 16)).shape == (1, 32)


def test_random_weights_for_images_of_another_size_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"backbones\.b\.image_size: .* side 20"):
        fetch_weights(read_declared("b", declared("random", image_size=20)), tmp_path)


def test_a_spec_without_a_key_is_named(tmp_path):
    written(tmp_path)
    record = read_record(tmp_path / "backbone.json")
    del record["mean"]
    publish_record(tmp_path / "backbone.json", record)
    with pytest.raises(ArtifactError, match=r"backbone\.json: the key 'mean' is missing"):
        read_spec(tmp_path)


def test_a_declaration_without_a_key_is_named():
    with pytest.raises(ConfigError, match=r"backbones\.b: the key 'model' is missing"):
        read_declared("b", {"weights": None})
    with pytest.raises(ConfigError, match=r"backbones\.b\.pretrain: the key 'dataset' is missing"):
        read_declared("b", declared(None, pretrain={"seed": 0, "settings": {}}))


def test_a_download_without_a_sha256_is_taken_once_and_no_other_later(tmp_path, monkeypatch, capsys):
    """As with the weights of ViL, whose authors publish none."""
    url, folder = "https://somewhere/b.pth", tmp_path / "out"

    def publisher(model: nn.Module):
        def download(url: str, place: Path, known_hash: str | None) -> Path:
            place.mkdir(exist_ok=True)
            torch.save(model.state_dict(), place / "b.pth")
            return place / "b.pth"

        monkeypatch.setattr("fact.backbones.weights.download", download)

    model = build()
    publisher(model)
    first = fetch_weights(read_declared("b", declared(url)), folder)
    assert "backbones.b declares no sha256" in capsys.readouterr().err
    assert fetch_weights(read_declared("b", declared(url)), folder) == first
    assert "declares no sha256" not in capsys.readouterr().err
    nn.init.zeros_(model.norm.weight)
    publisher(model)
    with pytest.raises(DataError, match=r"as when it was first fetched; set backbones\.b\.sha256"):
        fetch_weights(read_declared("b", declared(url)), folder)
    assert not (folder / "b.pth").exists() and load_backbone(folder)[1] == first
    (folder / "first_download.json").unlink()
    assert fetch_weights(read_declared("b", declared(url)), folder) != first
