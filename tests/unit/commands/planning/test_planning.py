"""Jobs, their work, hours and disk, on results that are written here."""

import subprocess
from pathlib import Path

import pytest
from fact.commands.planning.chosen_pace import Chosen
from fact.commands.planning.disk import job_bytes
from fact.commands.planning.estimate import estimate
from fact.commands.planning.gpu_jobs import GPU
from fact.commands.planning.jobs import Job, jobs_of_summary, planned_jobs, timing_job
from fact.commands.planning.judge import judge
from fact.commands.planning.rates import Rate, Rates, measure_rates, read_rates, timed_jobs, write_rates
from fact.commands.planning.report import left_out, report
from fact.commands.planning.sizes import Sizes
from fact.commands.planning.work import job_work, speed_of
from fact.data.manifest import Counts
from fact.infra.errors import ArtifactError
from fact.infra.files.record import publish_record, read_record
from small_config import of
from timings import KnownSizes, timed
from vits import declared

CELL = {"dataset": "digits", "backbone": "vit", "selector": "random", "budget": "20img", "seed": "0"}
VIT = declared(depth=2)
CONFIG = {
    "run": {"history": "last", "store_dtype": "float16", "keep_refined": True, "pool_images": None},
    "datasets": {
        "digits": {"source": "digits", "options": {}, "training": {}, "recipes": {}},
        "cifar10": {"source": "cifar10", "options": {"pool_limit": 4000}, "training": {}, "recipes": {}},
    },
    "backbones": {"vit": VIT, "wide": VIT | {"model_args": VIT["model_args"] | {"embed_dim": 64}}},
    "training": {
        "epochs": 50,
        "history_every": 1,
        "batch_size": 15,
        "precision": "fp32",
        "augmentation": {"source_scale": 2},
    },
    "recipes": {
        "ff": {"tuner": "full", "start": "random", "epochs": 300, "history_every": 6},
        "ff-dc": {"tuner": "full", "start": "random", "pseudo": "activedc"},
    },
    "heads": {"map": {}},
    "probes": {"sgd": {"kind": "sgd", "training": {"epochs": 50}}, "soft": {"kind": "lbfgs", "C": 10.0}},
}
RUN = "runs/digits/vit/random/20img/seed0"


KNOWN = {"digits": Counts(10, 1437, 360)}


@pytest.fixture
def sizes(tmp_path: Path) -> Sizes:
    return KnownSizes(of(CONFIG), tmp_path, KNOWN)


def job(rule: str, **names: str) -> Job:
    return Job(rule, CELL | names)


def test_jobs_are_read_from_the_summary_each_once():
    run = f"results/{RUN}"
    pending = ["update pending", "missing"]
    lines = [
        ("output_file", "date", "rule", "log-file(s)", "status", "plan"),
        (f"{run}/ff/checkpoint.safetensors", "-", "tune_backbone", "-", *pending[::-1]),
        (f"{run}/ff/score.json", "-", "tune_backbone", "-", *pending[::-1]),
        (f"{run}/probe/sgd/score.json", "-", "train_probe", "-", "ok", "no update"),
        ("results/datasets/d/classes.json", "-", "index_dataset", "-", *pending[::-1]),
        ("results/datasets/d/manifest.parquet", "-", "index_dataset", "-", *pending[::-1]),
        ("results/tables/t.csv", "-", "make_table", "-", *pending[::-1]),
        ("results/tables/t-comparison.csv", "-", "make_table", "-", *pending[::-1]),
        ("results/tables/u.csv", "-", "make_table", "-", *pending[::-1]),
    ]
    found = jobs_of_summary("\t".join(line) for line in lines)
    assert found[:2] == [job("tune_backbone", recipe="ff"), Job("index_dataset", {"dataset": "d"})]
    assert found[2:] == [Job("make_table", {}), Job("make_table", {})]


def test_what_snakemake_says_is_passed_on():
    with pytest.raises(ValueError, match="snakemake cannot plan nowhere"):
        planned_jobs(["nowhere"], [])


def test_snakemake_is_given_the_overlays_that_say_something(tmp_path, monkeypatch):
    given = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess:
        given.append(command[command.index("--summary") + 1 :])
        return subprocess.CompletedProcess(command, 0, stdout="", stderr="")

    monkeypatch.setattr(subprocess, "run", run)
    full, empty = tmp_path / "full.yaml", tmp_path / "empty.yaml"
    full.write_text("run: {seeds: [0]}\n")
    empty.write_text("# nothing yet\n")
    assert planned_jobs(["table1"], [empty, full]) == planned_jobs(["table1"], [empty]) == []
    assert given == [["--configfile", str(full), "--", "table1"], ["--", "table1"]]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (f"{RUN}/probe/sgd/timing.json", job("train_probe", probe="sgd")),
        (f"{RUN}/ff/timing.json", job("tune_backbone", recipe="ff")),
        (f"{RUN}/ff/refined.timing.json", job("refine_features", recipe="ff")),
        (f"{RUN}/ff/map/timing.json", job("fit_head", recipe="ff", head="map")),
        ("selections/digits/vit/random/20img/seed0.timing.json", job("select_samples")),
        ("elsewhere/timing.json", None),
    ],
)
def test_a_timing_file_tells_its_job(tmp_path, name, expected):
    assert timing_job(tmp_path / name, tmp_path) == expected


def test_work_is_images_seen(sizes):
    assert job_work(job("tune_backbone", recipe="ff"), sizes) == {
        "decode": 20,
        "train": 6000,
        "evaluate": 360,
    }
    assert job_work(job("tune_backbone", recipe="ff-dc"), sizes)["train"] == 20 * 3 * 50
    assert job_work(job("train_probe", probe="sgd"), sizes) == {"train": 100}
    # 100 evaluations: 20 images × 10 classes × 32 channels, and L-BFGS's own vectors of 320 variables
    assert job_work(job("train_probe", probe="soft"), sizes) == {"train": 100 * (20 * 320 + 1000 * 320)}
    assert job_work(job("refine_features", recipe="ff"), sizes) == {"labelled": 20, "test": 360}
    assert job_work(job("extract_features", split="pool"), sizes) == {"test": 1437}
    assert job_work(job("select_samples", budget="10pct"), sizes) == {"selection": 1437 * 143}
    assert job_work(Job("make_table", {}), sizes) == {}


def test_a_history_is_evaluated_as_often_as_it_says(sizes):
    often = KnownSizes(of(CONFIG | {"run": CONFIG["run"] | {"history": "paper"}}), sizes.results, KNOWN)
    assert job_work(job("tune_backbone", recipe="ff"), often)["evaluate"] == 50 * 360


def test_published_counts_know_their_limits(sizes):
    assert sizes.counts("cifar10") == Counts(10, 4000, 10_000)


def test_a_dataset_that_nobody_counted_is_named_with_the_remedy(tmp_path):
    with pytest.raises(ValueError, match="digits has; index it first: snakemake results/datasets"):
        Sizes(of(CONFIG), tmp_path).counts("digits")


def test_rates_are_seconds_a_unit_over_all_jobs_and_the_start_is_what_is_left(sizes):
    timed(sizes, f"{RUN}/ff/timing.json", 70.0, decode=1.0, train=60.0, evaluate=3.6)
    timed(
        sizes, f"{RUN.replace('seed0', 'seed1')}/ff/timing.json", 127.0, decode=1.0, train=120.0, evaluate=3.6
    )
    rates = measure_rates(sizes)
    known = {rate.phase: rate.seconds for rate in rates.rates}
    assert known == pytest.approx({"decode": 0.05, "train": 0.015, "evaluate": 0.01})
    assert rates.start["tune_backbone"] == pytest.approx((5.4 + 2.4) / 2)
    assert rates.device == "CPU, 1 thread"


def test_an_estimate_scales_with_the_work(sizes):
    timed(sizes, f"{RUN}/ff/timing.json", 70.0, decode=1.0, train=60.0, evaluate=3.6)
    rates = measure_rates(sizes)
    jobs = [job("tune_backbone", recipe="ff", budget=budget) for budget in ("20img", "100img")]
    found = estimate(jobs, sizes, rates)
    assert found.seconds["tune_backbone"] == pytest.approx(70.0 + 5.4 + 5.0 + 300.0 + 3.6)
    assert found.jobs == {"tune_backbone": 2} and not found.borrowed


def test_a_backbone_that_was_not_measured_takes_the_rate_of_another_by_its_cost(sizes):
    timed(sizes, f"{RUN}/ff/timing.json", 60.0, decode=0.0, train=60.0, evaluate=0.0)
    wide = job("tune_backbone", recipe="ff", backbone="wide")
    found = estimate([wide], sizes, measure_rates(sizes))
    ratio = sizes.backbone("wide").parameters / sizes.backbone("vit").parameters
    assert found.seconds["tune_backbone"] == pytest.approx(60.0 * ratio)
    assert found.borrowed == {("tune_backbone", "ff on vit"): {"ff on wide"}}


def test_a_job_that_nothing_was_measured_for_is_named_and_the_rest_estimated(sizes):
    timed(sizes, f"{RUN}/probe/sgd/timing.json", 2.0, train=1.0)
    rates = measure_rates(sizes)
    found = estimate([job("tune_backbone", recipe="ff"), job("train_probe", probe="sgd")], sizes, rates)
    assert found.unmeasured == {"tune_backbone": {"decode", "train", "evaluate"}}
    assert found.seconds == pytest.approx({"tune_backbone": 1.0, "train_probe": 2.0})
    said = " ".join(left_out(found.unmeasured))
    assert "not measured, not in these hours: tune_backbone (decode, evaluate, train); run a small" in said


def test_times_of_what_is_no_longer_declared_are_left_out(sizes):
    timed(sizes, f"{RUN}/ff/map/timing.json", 2.0, train=1.0, evaluate=0.5)
    for name in ("ff/other", "other", "probe/other"):
        timed(sizes, f"{RUN}/{name}/timing.json", 2.0, train=1.0, evaluate=0.5)
    assert [found for found, _ in timed_jobs(sizes)] == [job("fit_head", recipe="ff", head="map")]


def test_results_without_times_are_named(sizes):
    with pytest.raises(ValueError, match="has no times of this configuration"):
        measure_rates(sizes)


def test_rates_are_read_as_they_were_written(tmp_path):
    rates = Rates([Rate("fit_head", "map", "vit", "train", 0.5, 20.0, 8.0)], {"fit_head": 1.5}, "CPU")
    write_rates(tmp_path / "rates.json", rates)
    assert read_rates(tmp_path / "rates.json") == rates
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(ValueError, match="holds no rates"):
        read_rates(tmp_path / "other.json")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"seconds": 0.5', '"seconds": 0.05'),
        ('"cost": 8.0', '"price": 8.0'),
        ('"fact-rates"', '"other"'),
        ("{", "["),
    ],
)
def test_rates_that_are_not_as_they_were_written_are_refused(tmp_path, old, new):
    path = tmp_path / "my-rates.json"
    write_rates(
        path, Rates([Rate("fit_head", "map", "vit", "train", 0.5, 20.0, 8.0)], {"fit_head": 1.5}, "CPU")
    )
    path.write_text(path.read_text("utf-8").replace(old, new))
    with pytest.raises(
        ArtifactError, match=r"my-rates\.json holds no rates .*write one with: fact rates FILE"
    ):
        read_rates(path)


@pytest.mark.parametrize("change", [{"format": "other"}, {"rates": [{"rule": "fit_head"}]}, {"start": None}])
def test_a_record_of_another_kind_holds_no_rates(tmp_path, change):
    path = tmp_path / "my-rates.json"
    write_rates(path, Rates([], {"fit_head": 1.5}, "CPU"))
    content = {key: value for key, value in (read_record(path) | change).items() if value is not None}
    publish_record(path, content)
    with pytest.raises(ArtifactError, match=r"my-rates\.json holds no rates"):
        read_rates(path)


def test_disk_follows_from_the_formats(sizes):
    pooled, (height, width, channels) = sizes.backbone("vit").pooled, sizes.backbone("vit").tokens
    extracted, refined = job("extract_features", split="test"), job("refine_features", recipe="ff")
    assert job_bytes(extracted, sizes) == {"features": 360 * (pooled * 2 + 60)}
    values = pooled + height * width * channels
    assert job_bytes(refined, sizes) == {"refined features": 380 * (values * 2 + 60)}
    parameters = sizes.backbone("vit").parameters + 10 * pooled + 10
    assert job_bytes(job("tune_backbone", recipe="ff"), sizes) == {"checkpoints": 4 * parameters}


def test_the_report_has_jobs_hours_disk_and_whose_rates(sizes):
    timed(sizes, f"{RUN}/ff/timing.json", 3600.0, decode=0.0, train=3600.0, evaluate=0.0)
    rates = measure_rates(sizes)
    jobs = [job("tune_backbone", recipe="ff"), Job("make_table", {})]
    jobs.append(job("tune_backbone", recipe="ff", backbone="wide"))
    chosen = Chosen(rates, "measured on CPU, 1 thread")
    text = "\n".join(report(judge(jobs[:2], sizes, rates), chosen))
    loans = report(judge(jobs, sizes, rates), chosen)
    assert loans[-1] == "  tune_backbone: the rate of ff on vit stands for ff on wide"
    assert "tune_backbone                  1       1.00" in text
    assert "total                          2       1.00" in text
    assert "jobs that want a GPU: 1.00 hours" in text and "checkpoints" in text
    assert "rates: measured on CPU, 1 thread" in text


def test_who_does_the_work():
    assert speed_of(job("fit_head", recipe="ff", head="map")) == "map"
    assert (
        speed_of(job("select_second_step")) == "random"
        and speed_of(job("extract_features", split="pool")) == ""
    )


def test_jobs_that_want_a_gpu_are_those_that_ask_for_one():
    rules = Path(__file__).parents[4] / "workflow/rules"
    blocks = [block for file in rules.glob("*.smk") for block in file.read_text().split("\nrule ")[1:]]
    assert {block.partition(":")[0] for block in blocks if "\n        gpu=1" in block} == set(GPU)
