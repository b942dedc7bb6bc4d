"""The three phases on a miniature: lineage, bad input, resumption, and learning what is learnable."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from fact.backbones.interface import Backbone
from fact.backbones.spec import BackboneSpec
from fact.backbones.weights import create_architecture, load_backbone, write_backbone
from fact.data.mask_index import (
    index_masks,
    labelled_rows,
    read_masks,
    seen_pixels,
    write_masks,
)
from fact.data.pair_reader import PairReader, read_pair_reading
from fact.data.selection_file import write_selection
from fact.data.sources import mask_folder
from fact.infra.files.sha256 import file_sha256
from fact.tasks.publish import score_record
from fact.tasks.segmentation.inputs import Inputs, check_masks, read_examples
from fact.tasks.segmentation.maps import MapFile, dump_maps
from fact.tasks.segmentation.metrics import scores
from fact.tasks.segmentation.model_files import (
    load_examples,
    load_pyramid,
    load_segmenter,
    save_examples,
    save_segmentation_head,
)
from fact.tasks.segmentation.phases import Segmented, read_start, run_probe, run_refit, run_tuning
from fact.tasks.segmentation.score import segmentation_metrics
from fact.tasks.segmentation.settings import StageSettings, read_decoder, read_maps, read_search, read_stage
from fact.training.checkpoint import save_checkpoint
from fact.training.computing import Computing
from fact.training.interrupt import Interrupted, StopFlag
from fact.training.recipe import Start
from fact.training.resume import ResumePlan
from segmentation_data import DECODER, IMAGES, TRAINING, write_folder
from stop_after import StopAfter

CPU = torch.device("cpu")
OPTIONS = {"classes": ["a", "b", "c"]}
VIT = ("vit_tiny_patch16_224", {"img_size": 32, "patch_size": 8, "embed_dim": 16, "depth": 4, "num_heads": 2})
CNN = ("mobilenetv2_035", {})
READING = {"source": "mask_folder", "options": OPTIONS, "short_side": 32, "long_side": None}
HOW = {"mode": "whole", "overlap": 0.25, "crop_size": 32, "precision": "fp32", "shown": 2}
LORA = {"rank": 2, "alpha": 2, "dropout": 0.0, "targets": None}


def plain(**training: object) -> dict:
    return {
        "reading": READING,
        "images": IMAGES,
        "decoder": DECODER,
        "training": TRAINING | training,
        "inference": HOW,
    }


def settings(**training: object) -> StageSettings:
    return read_stage(plain(**training))


def write_weights(folder: Path, kind: tuple[str, dict]) -> Path:
    torch.manual_seed(0)
    model = create_architecture(*kind)
    half = (0.5, 0.5, 0.5)
    spec = BackboneSpec(
        architecture=kind[0], model_args=kind[1], image_size=32, interpolation="bilinear",
        mean=half, std=half, source="none",
    )  # fmt: skip
    write_backbone(folder, model, spec)
    return folder


class Site:
    """A miniature data set, a backbone, and a selection of its pool."""

    def __init__(self, folder: Path, kind: tuple[str, dict] = VIT, picks: int = 3) -> None:
        self.folder = folder
        self.root = write_folder(folder / "data")
        self.weights = write_weights(folder / "weights", kind)
        self.manifest = mask_folder.index(self.root, **OPTIONS).rows
        self.masks = index_masks(mask_folder, self.root, OPTIONS, self.manifest, 3, 1)
        pool = self.manifest[self.manifest["split"] == "pool"].reset_index(drop=True)
        write_selection(folder / "picks.csv", pool.head(picks), [0.0] * picks)
        labelled = labelled_rows(self.manifest, folder / "picks.csv", self.masks)
        test = self.manifest[self.manifest["split"] == "test"].reset_index(drop=True)
        reader = PairReader(
            {"root": str(self.root)}, read_pair_reading(READING), "bilinear", self.masks.sha256, 1
        )
        seen = seen_pixels(labelled, self.masks)
        self.inputs = Inputs(labelled, test, OPTIONS["classes"], reader, seen)

    def plan(self, stop: StopFlag | None = None, name: str = "resume") -> ResumePlan:
        return ResumePlan(
            self.folder / f"{name}.safetensors", 0, StopFlag() if stop is None else stop, "code"
        )

    def computing(self, stop: StopFlag | None = None, name: str = "resume") -> Computing:
        return Computing(CPU, 0, self.plan(stop, name))

    def maps(self, backbone: torch.nn.Module, made_by: str) -> Path:
        path = self.folder / f"maps-{made_by[:8]}.h5"
        metadata = {"dataset": "d", "backbone": "b", "code_version": "c", "provenance": {"made_by": made_by}}
        maps = read_maps({**IMAGES, "views": 2, "precision": "fp32", "store_dtype": "float16"})
        ids = self.inputs.labelled["sample_id"]
        examples = dict(zip(ids, read_examples(self.inputs, CPU), strict=True))
        spec = load_backbone(self.weights)[1]
        dump_maps(path, backbone, examples, spec, maps, Computing(CPU, 0), metadata)
        return path

    def tune(self, stop: StopFlag | None = None, start: Path | None = None, **training: object) -> Segmented:
        head = read_start(self.weights, start)
        return run_tuning(head, self.inputs, settings(**training), self.computing(stop))

    def refit(self, checkpoint: Path, maps: Path, computing: Computing | None = None) -> Segmented:
        stage, start = plain(), (self.weights, checkpoint)
        search = read_search({**stage, **SEARCH})
        return run_refit(start, maps, self.inputs, read_stage(stage), search, computing or self.computing())

    def save(self, path: Path, model: torch.nn.Module, **training: object) -> Path:
        recipe, spec = settings(**training), load_backbone(self.weights)[1]
        metadata = {"num_classes": 3, "weights_sha256": spec.weights_sha256, "decoder": DECODER}
        save_checkpoint(path, recipe.tuner.trained_tensors(model), recipe.training.plain, metadata)
        return path

    def checkpoint(self, **training: object) -> Path:
        return self.save(self.folder / "checkpoint.safetensors", self.tune(**training).model, **training)


SEARCH = {
    "search": TRAINING | {"iterations": 2},
    "frofa": {"strength": [0.0, 0.3]},
    "folds": 2,
    "fallback_strength": 0.1,
}


@pytest.fixture(params=[VIT, CNN], ids=["vit", "cnn"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Site:
    return Site(tmp_path, request.param)


def state_of(outcome) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in outcome.model.state_dict().items()}


def assert_same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> None:
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_all_phases_run_and_lead_from_one_to_the_next(site: Site) -> None:
    frozen, spec, made_by = load_pyramid(site.weights, None)
    assert made_by == spec.weights_sha256
    maps = site.maps(frozen, made_by)
    first = run_probe(site.weights, maps, site.inputs, settings(), site.computing())
    assert [entry["iteration"] for entry in first.outcome.history] == [2, 4, 6]
    before = {name: value for name, value in first.model.backbone.state_dict().items()}
    assert_same(before, frozen.state_dict())
    save_segmentation_head(site.folder / "head.safetensors", first.model.head, {})

    checkpoint = site.checkpoint()
    site.plan().discard()
    started = site.tune(start=site.folder / "head.safetensors")
    assert started.outcome.parameters["trainable"] == started.outcome.parameters["total"]
    site.plan().discard()

    tuned, _ = load_segmenter(checkpoint, site.weights)
    again, _, made_by = load_pyramid(site.weights, checkpoint)
    assert made_by == file_sha256(checkpoint)
    assert_same(again.state_dict(), tuned.backbone.state_dict())
    refined = site.maps(again, made_by)
    last = site.refit(checkpoint, refined)
    assert_same(last.model.backbone.state_dict(), tuned.backbone.state_dict())
    assert not torch.equal(
        last.model.head.upernet.classifier[1].weight, tuned.head.upernet.classifier[1].weight
    )
    tried = last.outcome.details["tried"]
    assert [entry["strength"] for entry in tried] == [0.0, 0.3]
    best = min(tried, key=lambda entry: entry["held_out_loss"])
    assert last.outcome.details["strength"] == best["strength"]
    with pytest.raises(ValueError, match="delete it and run again"):
        site.refit(checkpoint, maps)


def test_lora_trains_adapters_and_head_and_comes_back_from_its_checkpoint(site: Site) -> None:
    outcome = site.tune(tuner="lora", **LORA)
    parameters = outcome.outcome.parameters
    assert parameters["trainable"] < parameters["total"]
    path = site.save(site.folder / "lora.safetensors", outcome.model, tuner="lora", **LORA)
    restored, _ = load_segmenter(path, site.weights)
    images = torch.randn(1, 3, 32, 32)
    with torch.no_grad():
        expected = outcome.model.eval()(images)[0]
        torch.testing.assert_close(restored(images)[0], expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("questions", [1, 3, 6])
def test_a_tuning_that_is_stopped_and_resumed_ends_like_one_that_is_not(
    tmp_path: Path, questions: int
) -> None:
    site = Site(tmp_path, CNN)
    expected = site.tune()
    site.plan().discard()
    with pytest.raises(Interrupted):
        site.tune(StopAfter(questions))
    resumed = site.tune()
    assert_same(state_of(expected), state_of(resumed))
    assert expected.outcome.history == resumed.outcome.history


def test_a_search_that_keeps_no_state_chooses_alike(tmp_path: Path) -> None:
    site = Site(tmp_path)
    checkpoint = site.checkpoint()
    site.plan().discard()
    tuned, _ = load_segmenter(checkpoint, site.weights)
    maps = site.maps(tuned.backbone, file_sha256(checkpoint))
    kept = site.refit(checkpoint, maps)
    alone = site.refit(checkpoint, maps, Computing(CPU, 0))
    assert alone.outcome.details["tried"] == kept.outcome.details["tried"]
    assert_same(state_of(alone), state_of(kept))


def test_a_search_that_is_stopped_goes_on_with_its_trials(tmp_path: Path) -> None:
    site = Site(tmp_path)
    checkpoint = site.checkpoint()
    site.plan().discard()
    tuned, _ = load_segmenter(checkpoint, site.weights)
    maps = site.maps(tuned.backbone, file_sha256(checkpoint))

    def run(plan: ResumePlan):
        return site.refit(checkpoint, maps, Computing(CPU, 0, plan))

    expected = run(site.plan(name="one"))
    with pytest.raises(Interrupted):
        run(site.plan(StopAfter(12), name="other"))
    assert len(list(tmp_path.glob("other-*.safetensors"))) == 4
    resumed = run(site.plan(name="other"))
    assert_same(state_of(expected), state_of(resumed))
    assert expected.outcome.details == resumed.outcome.details


def test_stripes_are_learnt(tmp_path: Path) -> None:
    """Colours that tell the class: after a few steps nearly every pixel is right, far above the commonest."""
    site = Site(tmp_path, picks=4)
    outcome = site.tune(iterations=80, warmup_iterations=5, learning_rate=3e-3, report_every=20)
    found = scores(outcome.evaluation.matrix)
    assert outcome.evaluation.matrix.sum() == 2 * 40 * 32
    assert found.aacc > 0.75 and found.miou > 0.6


def test_one_labelled_image_is_enough(tmp_path: Path) -> None:
    site = Site(tmp_path, CNN, picks=1)
    checkpoint = site.checkpoint()
    site.plan().discard()
    tuned, _ = load_segmenter(checkpoint, site.weights)
    maps = site.maps(tuned.backbone, file_sha256(checkpoint))
    outcome = site.refit(checkpoint, maps)
    assert outcome.outcome.details == {
        "strength": 0.1,
        "tried": [],
        "precision_used": {"training": "fp32", "scoring": "fp32"},
    }


def test_a_class_without_a_label_is_named_and_counts_with_zero(tmp_path: Path) -> None:
    site = Site(tmp_path, CNN)
    outcome = site.tune()
    matrix = np.array([[5.0, 0, 0], [0, 3, 0], [2, 0, 0]])
    seen = np.array([10, 10, 0])
    metrics = segmentation_metrics(matrix, OPTIONS["classes"], seen)
    record = score_record({}, replace(outcome.outcome, metrics=metrics))
    assert record["classes_not_labelled"] == ["c"]
    assert record["iou"] == {"a": 5 / 7, "b": 1.0, "c": 0.0}
    assert record["miou_last"] == pytest.approx((5 / 7 + 1) / 3)
    assert record["classes_not_in_test"] == []


def test_a_crop_that_the_backbone_cannot_divide_is_refused_before_training(tmp_path: Path) -> None:
    site = Site(tmp_path)
    wrong = read_stage(plain() | {"images": IMAGES | {"crop_size": 36}})
    with pytest.raises(ValueError, match=r"crop_size: 36 is no multiple of 8, the stride .* use 40"):
        run_tuning(Start(site.weights), site.inputs, wrong, site.computing())


def test_masks_that_are_missing_or_have_changed_are_told(tmp_path: Path) -> None:
    site = Site(tmp_path)
    write_masks(tmp_path / "masks.parquet", site.masks)
    again = read_masks(tmp_path / "masks.parquet")
    assert again.sha256 == site.masks.sha256
    np.testing.assert_array_equal(seen_pixels(site.inputs.labelled, again), site.inputs.seen)
    with pytest.raises(ValueError, match=r"none of the 3 images of .* has a mask with a class"):
        labelled_rows(site.manifest, tmp_path / "picks.csv", site.masks._replace(sha256={}))
    with pytest.raises(ValueError, match="no test image has a mask"):
        check_masks(site.inputs.test.head(0), "manifest")
    file = site.root / "annotations/train/0.png"
    file.write_bytes((site.root / "annotations/train/1.png").read_bytes())
    with pytest.raises(ValueError, match=r"the mask of images/train/0\.png was changed"):
        read_examples(site.inputs, CPU)


def test_chosen_images_without_a_mask_yet_are_passed_over_until_it_is_there(tmp_path: Path) -> None:
    site = Site(tmp_path)
    mask = site.root / "annotations/train/1.png"
    content = mask.read_bytes()
    mask.unlink()
    rows = mask_folder.index(site.root, unlabelled=True, **OPTIONS).rows
    assert rows.equals(site.manifest)
    now = index_masks(mask_folder, site.root, OPTIONS, rows, 3, 1)
    chosen = labelled_rows(rows, tmp_path / "picks.csv", now)
    assert chosen["sample_id"].tolist() == ["images/train/0.png", "images/train/2.png"]
    mask.write_bytes(content)
    assert index_masks(mask_folder, site.root, OPTIONS, rows, 3, 1).sha256 == site.masks.sha256


def test_maps_and_shown_masks_come_back_as_they_were(tmp_path: Path) -> None:
    from fact.tasks.segmentation.model import build_segmenter

    site = Site(tmp_path)
    model, spec = build_segmenter(site.weights, 3, read_decoder(DECODER))
    path = site.maps(model.backbone, spec.weights_sha256)
    with MapFile(path, spec.weights_sha256) as file:
        assert file.sample_ids == [f"images/train/{n}.png" for n in (0, 1, 2)] * 2
        levels, masks = file.read([4, 0, 4], CPU)
        assert [list(level.shape) for level in levels] == [[3, 16, 4, 4]] * 4
        assert masks.shape == (3, 32, 32) and masks.dtype == torch.int64
        assert torch.equal(levels[0][0], levels[0][2]) and torch.equal(masks[0], masks[2])
        assert not torch.equal(levels[0][0], levels[0][1])
    shown = {"x": torch.arange(6, dtype=torch.uint8).view(2, 3)}
    save_examples(tmp_path / "shown.safetensors", shown)
    assert torch.equal(load_examples(tmp_path / "shown.safetensors")["x"], shown["x"])


def test_levels_refuse_a_model_without_them() -> None:
    from fact.tasks.segmentation.feature_pyramid import FeaturePyramid

    vil = create_architecture("vil2_small", {"img_size": 32, "embed_dim": 16, "depth": 2})
    with pytest.raises(ValueError, match="segmentation needs a timm ViT or CNN"):
        FeaturePyramid(Backbone(vil))
