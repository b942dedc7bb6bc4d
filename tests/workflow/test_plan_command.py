"""`fact plan` on rates that a small run left behind, against a larger run."""

from collections import Counter
from pathlib import Path

import pytest
from checkout import WARM_SNAKEMAKE, runner, told_jobs
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
    assert "refined features" in told


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
