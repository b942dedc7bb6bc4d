"""`fact plan` on rates that a small run left behind, against a larger run."""

import json
from collections import Counter
from pathlib import Path

import pytest
from checkout import WARM_SNAKEMAKE, prepared, runner, told_jobs
from fact.commands.options import settled
from fact.commands.planning.estimate import estimate
from fact.commands.planning.jobs import planned_jobs
from fact.commands.planning.rates import measure_rates, timed_jobs
from fact.commands.planning.sizes import Sizes

LARGER = """
run: {seeds: [1], selectors: [random], methods: [FF, FACT]}
datasets: {digits: {budgets: [60img]}}
"""


def test_what_is_up_to_date_takes_nothing(finished: Path) -> None:
    told = runner(finished)("fact", "plan", "--configfile", "tiny.yaml").stdout
    assert told.startswith("rates of a processor (")
    assert "total                          0       0.00" in told and "rates: measured on " in told


def test_rates_can_be_taken_elsewhere(finished: Path) -> None:
    run = runner(finished)
    assert "rates, measured on" in run("fact", "rates", "rates.json", "--configfile", "tiny.yaml").stdout
    told = run(
        "fact", "plan", "--rates", "rates.json", "--configfile", "config/paper.yaml", "--", "table3"
    ).stdout
    # 8 columns × 3 seeds of LoRA, LP-FT for 8 selectors, FF for 2
    assert told_jobs(told)["tune_backbone"] == str(8 * 3 * (1 + 8 + 2))
    assert "tune_backbone: the rate of ff on vit_digits stands for ff on vit_small_dino" in told
    assert "labelled tokens" in told
    # a digit's times say little about an image of 224 pixels on a GPU
    assert told.startswith("rates of a processor (") and "a guess: " in told
    refused = run("fact", "plan", "--rates", "rates.json", "--device", "h200", succeeds=False)
    assert "not on --device h200" in " ".join(refused.stderr.split())


def test_a_fresh_clone_is_planned_by_the_rates_that_come_with_it(tmp_path: Path) -> None:
    run = runner(prepared(tmp_path / "site", "run: {seeds: [0]}", "tiny.yaml"))
    paper = ("--configfile", "config/paper.yaml", "--", "table3")
    said = run("fact", "plan", *paper).stdout
    assert said.startswith("nothing has run here: rates for an H200")
    assert "jobs beyond what the profile grants: 0" in said
    told = json.loads(run("fact", "plan", "--json", "--device", "a100", *paper).stdout)
    assert told["measured_on"] == "A100" and told["caution"] == "" and not told["unmeasured"]
    assert 0 < told["submissions"] < sum(told["jobs"].values()) and told["gpu_hours"] > 0
    assert set(told["bytes"]) >= {"checkpoints", "labelled tokens", "features"}


def test_a_smoke_run_measures_and_its_rates_plan(finished: Path) -> None:
    run = runner(finished)
    told = run("fact", "smoke", "--configfile", "tiny.yaml", "--cores", "2").stdout
    training = next(line for line in told.splitlines() if line.startswith("tune_backbone digits"))
    # seconds, memory, planned memory, images per second of the training and of the bare loop
    assert all(float(number) > 0 for number in training.split()[-5:])
    rates = "results/smoke/rates.json"
    assert rates in told and (finished / rates).is_file()
    planned = run("fact", "plan", "--rates", rates, "--configfile", "tiny.yaml").stdout
    assert "rates: measured on " in planned


def test_every_job_of_a_larger_run_was_estimated(finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(finished)
    (finished / "larger.yaml").write_text(LARGER)
    overlays = [Path("tiny.yaml"), Path("larger.yaml")]
    before, larger = (Sizes(settled(files), Path("results")) for files in (overlays[:1], overlays))
    rates, old = measure_rates(before), [job for job, _ in timed_jobs(before)]
    found = estimate(planned_jobs(["all_tables"], overlays), larger, rates)
    # as the finished run: started in another way, jobs take another time
    runner(finished)(*WARM_SNAKEMAKE, "--cores", "2", "--configfile", *map(str, overlays), "--", "all_tables")
    fresh = [(job, timing["job_seconds"]) for job, timing in timed_jobs(larger) if job not in old]
    counted = Counter(job.rule for job, _ in fresh)
    assert not found.unmeasured and counted == {rule: found.jobs[rule] for rule in counted}
    assert set(rates.start) & set(found.jobs) == set(counted)
    # how near it comes on a quiet machine is for tests/benchmarks/bench_plan.py; here others may be at work
    measured = sum(seconds for _, seconds in fresh)
    assert measured / 4 < sum(found.seconds[rule] for rule in counted) < 4 * measured
