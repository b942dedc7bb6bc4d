"""The three phases on a miniature: lineage, bad input, resumption, and learning what is learnable."""

from pathlib import Path

import numpy as np
import pytest
import torch
from fact.backbones.interface import Backbone
from fact.backbones.state_dict import file_sha256
from fact.backbones.weights import create_architecture, load_backbone, write_backbone
from fact.data.mask_index import (
    index_masks,
    labelled_rows,
    read_masks,
    seen_pixels,
    write_masks,
)
from fact.data.pair_reader import PairReader
from fact.data.selection_file import write_selection
from fact.data.sources import mask_folder
from fact.tasks.segmentation.inputs import Inputs, check_test, read_examples
from fact.tasks.segmentation.maps import MapFile, dump_maps
from fact.tasks.segmentation.metrics import scores
from fact.tasks.segmentation.model_files import (
    load_segmenter,
    load_shown,
    save_head,
    save_segmenter,
    save_shown,
)
from fact.tasks.segmentation.phases import probe, refit_head, tune_segmenter
from fact.tasks.segmentation.score import score_record
from fact.training.interrupt import Interrupted, StopFlag
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


def settings(**training: object) -> dict:
    return {
        "reading": READING,
        "images": IMAGES,
        "decoder": DECODER,
        "training": TRAINING | training,
        "inference": HOW,
    }


def write_weights(folder: Path, kind: tuple[str, dict]) -> Path:
    torch.manual_seed(0)
    model = create_architecture(*kind)
    spec = {
        "architecture": kind[0],
        "model_args": kind[1],
        "image_size": 32,
        "mean": [0.5, 0.5, 0.5],
        "std": [0.5, 0.5, 0.5],
        "interpolation": "bilinear",
    }
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
        reader = PairReader({"root": str(self.root)}, READING, "bilinear", self.masks.sha256, 1)
        seen = seen_pixels(labelled, self.masks)
        self.inputs = Inputs(labelled, test, OPTIONS["classes"], reader, seen)

    def plan(self, stop: StopFlag | None = None, name: str = "resume") -> ResumePlan:
        return ResumePlan(
            self.folder / f"{name}.safetensors", 1, StopFlag() if stop is None else stop, "code"
        )

    def maps(self, backbone: torch.nn.Module, made_by: str) -> Path:
        path = self.folder / f"maps-{made_by[:8]}.h5"
        about = {"dataset": "d", "backbone": "b", "code_version": "c", "provenance": {"made_by": made_by}}
        how = {**IMAGES, "views": 2, "precision": "fp32", "store_dtype": "float16"}
        examples = read_examples(self.inputs, CPU)
        spec = load_backbone(self.weights)[1]
        ids = list(self.inputs.labelled["sample_id"])
        dump_maps(path, backbone, examples, ids, spec, how, 0, CPU, attributes=about)
        return path

    def tune(self, stop: StopFlag | None = None, start: Path | None = None, **training: object):
        return tune_segmenter(self.weights, start, self.inputs, settings(**training), 0, CPU, self.plan(stop))

    def checkpoint(self, **training: object) -> Path:
        outcome, weights_sha256 = self.tune(**training)
        about = {"num_classes": 3, "weights_sha256": weights_sha256, "decoder": DECODER}
        path = self.folder / "checkpoint.safetensors"
        save_segmenter(path, outcome.model, TRAINING | training, about)
        return path


@pytest.fixture(params=[VIT, CNN], ids=["vit", "cnn"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Site:
    return Site(tmp_path, request.param)


def head_settings(**changes: object) -> dict:
    choice = {"frofa": {"strength": [0.0, 0.3]}, "folds": 2, "fallback_strength": 0.1}
    return {**settings(), "search": TRAINING | {"iterations": 2}, **choice, **changes}


def state_of(outcome) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in outcome.model.state_dict().items()}


def assert_same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> None:
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_all_phases_run_and_lead_from_one_to_the_next(site: Site) -> None:
    from fact.tasks.segmentation.model import build_segmenter

    torch.manual_seed(5)
    frozen, spec = build_segmenter(site.weights, 3, DECODER)
    maps = site.maps(frozen.backbone, spec["weights_sha256"])
    first = probe(site.weights, maps, site.inputs, settings(), 0, CPU, site.plan())
    assert [entry["iteration"] for entry in first.report["history"]] == [2, 4, 6]
    before = {name: value for name, value in first.model.backbone.state_dict().items()}
    assert_same(before, load_levels(site.weights))
    save_head(site.folder / "head.safetensors", first.model.head, {})

    checkpoint = site.checkpoint(start=None)
    site.plan().discard()
    started, _ = site.tune(start=site.folder / "head.safetensors")
    assert started.report["parameters"]["trainable"] == started.report["parameters"]["total"]
    site.plan().discard()

    tuned, _ = load_segmenter(checkpoint, site.weights)
    refined = site.maps(tuned.backbone, file_sha256(checkpoint))
    last = refit_head(site.weights, checkpoint, refined, site.inputs, head_settings(), 0, CPU, site.plan())
    assert_same(last.model.backbone.state_dict(), tuned.backbone.state_dict())
    assert not torch.equal(
        last.model.head.upernet.classifier[1].weight, tuned.head.upernet.classifier[1].weight
    )
    tried = last.report["details"]["tried"]
    assert [entry["strength"] for entry in tried] == [0.0, 0.3]
    best = min(tried, key=lambda entry: entry["held_out_loss"])
    assert last.report["details"]["strength"] == best["strength"]
    with pytest.raises(ValueError, match="delete it and run again"):
        refit_head(site.weights, checkpoint, maps, site.inputs, head_settings(), 0, CPU, site.plan())


def load_levels(weights: Path) -> dict[str, torch.Tensor]:
    from fact.tasks.segmentation.feature_pyramid import Levels

    return Levels(load_backbone(weights, any_size=True)[0]).state_dict()


def test_lora_trains_adapters_and_head_and_comes_back_from_its_checkpoint(site: Site) -> None:
    outcome, weights_sha256 = site.tune(tuner="lora", **LORA)
    parameters = outcome.report["parameters"]
    assert parameters["trainable"] < parameters["total"]
    about = {"num_classes": 3, "weights_sha256": weights_sha256, "decoder": DECODER}
    path = site.folder / "lora.safetensors"
    save_segmenter(path, outcome.model, TRAINING | {"tuner": "lora"} | LORA, about)
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
    expected, _ = site.tune()
    site.plan().discard()
    with pytest.raises(Interrupted):
        site.tune(StopAfter(questions))
    resumed, _ = site.tune()
    assert_same(state_of(expected), state_of(resumed))
    assert expected.report["history"] == resumed.report["history"]


def test_a_search_that_is_stopped_goes_on_with_its_trials(tmp_path: Path) -> None:
    site = Site(tmp_path)
    checkpoint = site.checkpoint()
    site.plan().discard()
    tuned, _ = load_segmenter(checkpoint, site.weights)
    maps = site.maps(tuned.backbone, file_sha256(checkpoint))

    def run(plan: ResumePlan):
        return refit_head(site.weights, checkpoint, maps, site.inputs, head_settings(), 0, CPU, plan)

    expected = run(site.plan(name="one"))
    with pytest.raises(Interrupted):
        run(site.plan(StopAfter(12), name="other"))
    assert len(list(tmp_path.glob("other-*.safetensors"))) == 4
    resumed = run(site.plan(name="other"))
    assert_same(state_of(expected), state_of(resumed))
    assert expected.report["details"] == resumed.report["details"]


def test_stripes_are_learnt(tmp_path: Path) -> None:
    """Colours that tell the class: after a few steps nearly every pixel is right, far above the commonest."""
    site = Site(tmp_path, picks=4)
    outcome, _ = site.tune(iterations=80, warmup_iterations=5, learning_rate=3e-3, report_every=20)
    found = scores(outcome.evaluation.matrix)
    assert outcome.evaluation.matrix.sum() == 2 * 40 * 32
    assert found.aacc > 0.75 and found.miou > 0.6


def test_one_labelled_image_is_enough(tmp_path: Path) -> None:
    site = Site(tmp_path, CNN, picks=1)
    checkpoint = site.checkpoint()
    site.plan().discard()
    tuned, _ = load_segmenter(checkpoint, site.weights)
    maps = site.maps(tuned.backbone, file_sha256(checkpoint))
    outcome = refit_head(site.weights, checkpoint, maps, site.inputs, head_settings(), 0, CPU, site.plan())
    assert outcome.report["details"] == {"strength": 0.1, "tried": []}


def test_a_class_without_a_label_is_named_and_counts_with_zero(tmp_path: Path) -> None:
    site = Site(tmp_path, CNN)
    outcome, _ = site.tune()
    matrix = np.array([[5.0, 0, 0], [0, 3, 0], [2, 0, 0]])
    seen = np.array([10, 10, 0])
    record = score_record({}, matrix, 2, OPTIONS["classes"], seen, **outcome.report)
    assert record["classes_not_labelled"] == ["c"]
    assert record["iou"] == {"a": 5 / 7, "b": 1.0, "c": 0.0}
    assert record["miou_last"] == pytest.approx((5 / 7 + 1) / 3)
    assert record["classes_not_in_test"] == []


def test_a_crop_that_the_backbone_cannot_divide_is_refused_before_training(tmp_path: Path) -> None:
    site = Site(tmp_path)
    wrong = settings() | {"images": IMAGES | {"crop_size": 36}}
    with pytest.raises(ValueError, match=r"crop_size: 36 is no multiple of 8, the stride .* use 40"):
        tune_segmenter(site.weights, None, site.inputs, wrong, 0, CPU, site.plan())


def test_masks_that_are_missing_or_have_changed_are_told(tmp_path: Path) -> None:
    site = Site(tmp_path)
    write_masks(tmp_path / "masks.parquet", site.masks)
    again = read_masks(tmp_path / "masks.parquet")
    assert again.sha256 == site.masks.sha256
    np.testing.assert_array_equal(seen_pixels(site.inputs.labelled, again), site.inputs.seen)
    with pytest.raises(ValueError, match=r"none of the 3 images of .* has a mask with a class"):
        labelled_rows(site.manifest, tmp_path / "picks.csv", site.masks._replace(sha256={}))
    with pytest.raises(ValueError, match="no test image has a mask"):
        check_test(site.inputs.test.head(0), "manifest")
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
    model, spec = build_segmenter(site.weights, 3, DECODER)
    path = site.maps(model.backbone, spec["weights_sha256"])
    with MapFile(path, spec["weights_sha256"]) as file:
        assert file.sample_ids == [f"images/train/{n}.png" for n in (0, 1, 2)] * 2
        levels, masks = file.read([4, 0, 4], CPU)
        assert [list(level.shape) for level in levels] == [[3, 16, 4, 4]] * 4
        assert masks.shape == (3, 32, 32) and masks.dtype == torch.int64
        assert torch.equal(levels[0][0], levels[0][2]) and torch.equal(masks[0], masks[2])
        assert not torch.equal(levels[0][0], levels[0][1])
    shown = {"x": torch.arange(6, dtype=torch.uint8).view(2, 3)}
    save_shown(tmp_path / "shown.safetensors", shown)
    assert torch.equal(load_shown(tmp_path / "shown.safetensors")["x"], shown["x"])


def test_levels_refuse_a_model_without_them() -> None:
    from fact.tasks.segmentation.feature_pyramid import Levels

    vil = create_architecture("vil2_small", {"img_size": 32, "embed_dim": 16, "depth": 2})
    with pytest.raises(ValueError, match="segmentation needs a timm ViT or CNN"):
        Levels(Backbone(vil))
