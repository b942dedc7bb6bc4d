"""A delivered model comes back the same, in every format, and says no to a damaged folder."""

import json
import zipfile
from pathlib import Path

import fact
import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from delivered import ATTENTION, DEVICE, LINEAR, delivered, digits_weights, labelled_digits
from fact.infra.files.tensors import read_tensors
from fact.model.config_file import CONFIG
from fact.model.deliver import published_source
from fact.model.exports import EXPORTED, ONNX, SELFTEST, TIMM, export_all, sample_images
from fact.model.folder import WEIGHTS, read_model
from fact.model.phases import Phases, fit_phases, logits_of
from fact.training.computing import Computing
from fact.training.heads.spec import read_head_spec
from PIL import Image

PICKLES = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return digits_weights(tmp_path_factory.mktemp("weights"))


@pytest.fixture(scope="module", params=[LINEAR, ATTENTION], ids=["linear", "attention"])
def exported(request, tmp_path_factory: pytest.TempPathFactory, weights: Path) -> tuple[Path, dict]:
    folder = delivered(tmp_path_factory.mktemp("model"), weights, request.param)
    model, config = read_model(folder)
    return folder, export_all(folder, model, config)


def test_logits_are_those_of_the_phases_divided_by_the_temperature(tmp_path: Path, weights: Path) -> None:
    model = fact.load_model(delivered(tmp_path, weights, temperature=2.0), device="cpu")
    data, phases = labelled_digits(60), Phases(None, None, read_head_spec(LINEAR), "fp32", 64)
    logits = torch.from_numpy(
        logits_of(fit_phases(weights, data, phases, Computing(DEVICE, 0)), data.scored, phases, DEVICE)
    )
    assert model.probabilities(data.scored) == pytest.approx((logits / 2).softmax(1).numpy(), abs=1e-5)


def test_onnx_takes_any_batch_and_says_what_it_is(exported: tuple[Path, dict]) -> None:
    folder, found = exported
    assert set(found["onnx"]) == {"1", "2", "7"} and max(found["onnx"].values()) < 1e-4
    proto = onnx.load(folder / ONNX)
    assert proto.graph.input[0].type.tensor_type.shape.dim[0].dim_param == "batch"
    assert json.loads({row.key: row.value for row in proto.metadata_props}["classes"])[0] == "=zero"


def test_a_pipeline_of_transformers_names_the_same_class(exported: tuple[Path, dict]) -> None:
    from transformers import pipeline

    folder, found = exported
    if found["timm"] != "backbone and head":
        pytest.skip("timm has no classifier for this head")
    pixels = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    (likeliest, *_) = pipeline("image-classification", model=str(folder / TIMM))(Image.fromarray(pixels))
    model = fact.load_model(folder, device="cpu")
    probabilities = model.probabilities(pixels[None])[0]
    assert likeliest["label"] == model.classes[probabilities.argmax()]
    assert likeliest["score"] == pytest.approx(probabilities.max(), abs=1e-3)


def test_the_self_test_holds_in_onnxruntime(exported: tuple[Path, dict]) -> None:
    tensors, _ = read_tensors(exported[0] / SELFTEST)
    session = onnxruntime.InferenceSession(exported[0] / ONNX)
    (logits,) = session.run(None, {"images": tensors["images"].numpy()})
    assert logits == pytest.approx(tensors["logits"].numpy(), abs=1e-4)


def test_the_exported_program_holds_no_pickle(exported: tuple[Path, dict]) -> None:
    with zipfile.ZipFile(exported[0] / EXPORTED) as archive:
        starts = [archive.read(name)[:2] for name in archive.namelist()]
    assert not set(starts) & {*PICKLES, b"PK"}
    assert max(exported[1]["exported"].values()) < 1e-4


def test_timm_reads_its_folder(exported: tuple[Path, dict]) -> None:
    import timm

    folder, found = exported
    model = timm.create_model(f"local-dir:{folder / TIMM}", pretrained=True).eval()
    images = sample_images(3, 16)
    with torch.inference_mode():
        ours = read_model(folder)[0](images)
        theirs = model(images)
    linear = read_model(folder)[1]["head"] == "pooled"
    assert found["timm"] == ("backbone and head" if linear else "backbone")
    assert theirs.shape == ((3, 10) if linear else (3, 128))
    if linear:
        assert theirs.numpy() == pytest.approx(ours.numpy(), abs=1e-4)


@pytest.mark.parametrize("name", [CONFIG, WEIGHTS])
def test_a_damaged_folder_is_refused(tmp_path: Path, weights: Path, name: str) -> None:
    folder = delivered(tmp_path, weights)
    data = bytearray((folder / name).read_bytes())
    data[-5] ^= 1
    (folder / name).write_bytes(data)
    with pytest.raises(ValueError, match=name.replace(".", r"\.")):
        fact.load_model(folder)


def test_weights_of_another_model_are_refused(tmp_path: Path, weights: Path) -> None:
    one, other = delivered(tmp_path / "one", weights), delivered(tmp_path / "other", weights, temperature=3.0)
    (one / WEIGHTS).write_bytes((other / WEIGHTS).read_bytes())
    with pytest.raises(ValueError, match="not the file"):
        fact.load_model(one)


def test_no_folder_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="config"):
        fact.load_model(tmp_path)


def test_arrays_and_paths_are_predicted_alike(tmp_path: Path, weights: Path) -> None:
    from PIL import Image

    model = fact.load_model(delivered(tmp_path / "model", weights), device="cpu")
    image = np.repeat(labelled_digits(1).scored[0], 3, axis=0).repeat(3, axis=1)
    Image.fromarray(image).save(tmp_path / "a.png")
    (by_path, bad), (by_array,) = (
        model.predict([tmp_path / "a.png", tmp_path / "none.png"]),
        model.predict([image]),
    )
    assert by_path.top == by_array.top and by_path.status == "ok" and by_path.label == by_path.top[0][0]
    assert bad.label is None and "No such file" in bad.status


@pytest.mark.parametrize("wrong", ["a.png", np.zeros((4, 4, 3), np.uint8), [np.zeros((4, 4), np.uint8)]])
def test_what_are_no_images_is_refused(tmp_path: Path, weights: Path, wrong: object) -> None:
    with pytest.raises(TypeError):
        fact.load_model(delivered(tmp_path, weights), device="cpu").predict(wrong)


def test_a_model_does_not_tell_where_local_weights_lay() -> None:
    assert published_source("local-dir:/home/me/secret/mobilenet") == "local-dir:mobilenet"
    assert published_source("vit_small_patch16_224.dino") == "vit_small_patch16_224.dino"
