"""Work, hours and disk of the jobs of segmentation."""

from copy import deepcopy
from pathlib import Path

import pytest
import yaml
from fact.commands.planning.disk import SHOWN, job_bytes
from fact.commands.planning.estimate import estimate
from fact.commands.planning.jobs import Job, timing_job
from fact.commands.planning.rates import measure_rates
from fact.commands.planning.work import job_work
from fact.config.registries import merge
from fact.data.manifest import Counts
from segmentation_data import DECODER
from small_config import of
from timings import KnownSizes, timed
from vits import declared

CELL = {"dataset": "roads", "backbone": "vit", "selector": "random", "budget": "4img", "seed": "0"}
RUN = "runs/roads/vit/random/4img/seed0"
VIT = declared(32, patch_size=8, depth=4)
SMALL = {
    "images": {"short_side": 48, "crop_size": 32},
    "decoder": DECODER,
    "training": {"iterations": 100, "batch_size": 2},
    "maps": {"views": 3},
    "heads": {
        "frofa": {"training": {"iterations": 50}, "search": {"iterations": 10}, "folds": 3},
        "no-frofa": {"training": {"iterations": 50}},
    },
}
DECLARED = yaml.safe_load((Path(__file__).parents[4] / "config/segmentation.yaml").read_text("utf-8"))
CONFIG = {
    "run": {"history": "last", "store_dtype": "float16", "precision": "fp32"},
    "datasets": {
        "roads": {
            "task": "segmentation", "source": "mask_folder", "options": {},
            "segmentation": {"budgets": {"5img": {"iterations": 200}}},
        }
    },
    "backbones": {"vit": VIT, "wide": VIT | {"model_args": VIT["model_args"] | {"embed_dim": 64}}},
    "recipes": {}, "probes": {}, "heads": {},
    "segmentation": merge(DECLARED["segmentation"], SMALL),
}  # fmt: skip


KNOWN = {"roads": Counts(3, 10, 8)}


@pytest.fixture
def sizes(tmp_path: Path) -> KnownSizes:
    return KnownSizes(of(CONFIG), tmp_path, KNOWN)


def job(rule: str, **names: str) -> Job:
    return Job(rule, CELL | names)


def with_segmentation(sizes: KnownSizes, **parts: dict) -> KnownSizes:
    config = deepcopy(CONFIG)
    config["segmentation"] = merge(config["segmentation"], parts)
    return KnownSizes(of(config), sizes.results, KNOWN)


def test_trainings_are_crops_through_what_is_trained(sizes):
    size = sizes.segmenter("roads", "vit")
    both = size.backbone + size.head
    assert job_work(job("refine_maps", recipe="frozen"), sizes) == {"maps": 4 * 3 * size.backbone}
    tuning = job_work(job("tune_segmenter", recipe="lp-ft"), sizes)
    # eight test images of 48 × 48
    assert tuning == {"decode": 4, "train": 200 * both, "evaluate": 8 * 2.25 * both}
    probe = job_work(job("train_segmentation_probe", probe="upernet"), sizes)
    assert probe == {"train": 200 * size.head, "evaluate": tuning["evaluate"]}


def test_a_budget_has_its_own_iterations(sizes):
    work = [job_work(job("tune_segmenter", recipe="ff", budget=name), sizes) for name in ("4img", "5img")]
    assert work[1]["train"] == 2 * work[0]["train"]


def test_the_search_is_strengths_times_folds_and_what_is_held_out(sizes):
    head = sizes.segmenter("roads", "vit").head
    work = job_work(job("fit_segmentation_head", recipe="lp-ft", head="frofa"), sizes)
    assert work["train"] == 100 * head
    assert work["search"] == pytest.approx(3 * (3 * 20 + 12 / 3) * head)
    few = job_work(job("fit_segmentation_head", recipe="lp-ft", head="frofa", budget="2img"), sizes)
    assert few["search"] == pytest.approx(3 * (2 * 20 + 6 / 3) * head)


@pytest.mark.parametrize(("head", "budget"), [("no-frofa", "4img"), ("frofa", "1img")])
def test_where_nothing_is_to_be_chosen_nothing_is_searched(sizes, head, budget):
    work = job_work(job("fit_segmentation_head", recipe="lp-ft", head=head, budget=budget), sizes)
    assert set(work) == {"train", "evaluate"}


def test_windows_overlap(sizes):
    sliding = with_segmentation(sizes, inference={"mode": "slide", "overlap": 0.5})
    whole, slid = (job_work(job("tune_segmenter", recipe="ff"), known) for known in (sizes, sliding))
    # windows of 32 begin at 0 and 16
    assert slid["evaluate"] == pytest.approx(whole["evaluate"] * (64 / 48) ** 2)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("frozen/maps.timing.json", job("refine_maps", recipe="frozen")),
        ("probe/upernet/timing.json", job("train_segmentation_probe", probe="upernet")),
        ("lp-ft/timing.json", job("tune_segmenter", recipe="lp-ft")),
        ("lp-ft/frofa/timing.json", job("fit_segmentation_head", recipe="lp-ft", head="frofa")),
    ],
)
def test_a_timing_file_of_a_segmented_dataset_tells_its_job(tmp_path, name, expected):
    assert timing_job(tmp_path / RUN / name, tmp_path, {"roads"}) == expected


def test_an_estimate_is_what_was_measured_and_scales_with_the_work(sizes):
    timed(sizes, f"{RUN}/frozen/maps.timing.json", 7.0, maps=2.0)
    timed(sizes, f"{RUN}/lp-ft/timing.json", 160.0, decode=1.0, train=100.0, evaluate=49.0)
    rates = measure_rates(sizes)
    jobs = [
        job("refine_maps", recipe="lp-ft", budget="8img"),
        job("tune_segmenter", recipe="lp-ft", budget="5img"),
    ]
    found = estimate(jobs, sizes, rates)
    assert found.seconds["refine_maps"] == pytest.approx(5.0 + 2 * 2.0)
    assert found.seconds["tune_segmenter"] == pytest.approx(10.0 + 5 / 4 * 1.0 + 2 * 100.0 + 49.0)
    hours = sum(found.seconds.values()) / 3600
    assert found.on_gpu == pytest.approx(3600 * hours) == sum(found.seconds.values())


def test_a_wider_backbone_takes_the_same_time_for_an_operation(sizes):
    timed(sizes, f"{RUN}/lp-ft/timing.json", 150.0, decode=0.0, train=100.0, evaluate=50.0)
    found = estimate([job("tune_segmenter", recipe="lp-ft", backbone="wide")], sizes, measure_rates(sizes))
    vit, wide = (sizes.segmenter("roads", name) for name in ("vit", "wide"))
    assert found.seconds["tune_segmenter"] == pytest.approx(150.0 * sum(wide[:2]) / sum(vit[:2]))
    assert found.borrowed == {("tune_segmenter", "lp-ft on vit"): {"lp-ft on wide"}}


def test_disk_is_maps_checkpoints_and_what_is_shown(sizes):
    # four levels of 32 channels on a grid of 4 × 4, and the mask
    row = (4 * 32 * 16 + 32 * 32) * 2 + 60
    assert job_bytes(job("refine_maps", recipe="frozen"), sizes) == {"maps": 12 * row}
    head = 4 * sizes.segmenter("roads", "vit").head_parameters
    shown = {"shown segmentations": 6 * SHOWN}
    assert job_bytes(job("train_segmentation_probe", probe="upernet"), sizes) == {
        "checkpoints": head,
        **shown,
    }
    whole = job_bytes(job("tune_segmenter", recipe="ff"), sizes)["checkpoints"]
    assert head < job_bytes(job("tune_segmenter", recipe="lp-lora"), sizes)["checkpoints"] < whole
