import torch
from fact.backbones.fetched import check_weights
from fact.backbones.spec import BackboneSpec
from fact.backbones.weights import create_architecture, write_backbone
from fact.infra.files.publish import publish_text

VIT = {"img_size": 16, "patch_size": 4, "embed_dim": 32, "depth": 2, "num_heads": 2}
SPEC = BackboneSpec(
    architecture="vit_tiny_patch16_224", model_args=VIT, image_size=16, interpolation="bicubic",
    mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5), source="none",
)  # fmt: skip


def test_whole_weights_are_ok_with_their_sha256(tmp_path):
    spec = write_backbone(tmp_path / "w", create_architecture(SPEC.architecture, VIT), SPEC)
    assert check_weights("a", tmp_path / "w") == ("a", "ok", f"sha256 {spec.weights_sha256}")


def test_nothing_there_is_absent(tmp_path):
    assert check_weights("a", tmp_path / "none").status == "absent"


def test_another_architecture_and_a_damaged_spec_are_told(tmp_path):
    torch.manual_seed(0)
    model = create_architecture(SPEC.architecture, VIT | {"depth": 3})
    write_backbone(tmp_path / "w", model, SPEC)
    found = check_weights("a", tmp_path / "w")
    assert found.status == "damaged" and "blocks.2" in found.said and "\n" not in found.said
    publish_text(tmp_path / "w/backbone.json", "{")
    assert check_weights("a", tmp_path / "w").status == "damaged"
