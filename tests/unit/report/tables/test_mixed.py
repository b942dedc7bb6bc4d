"""A table whose jobs ran with different software says so."""

from pathlib import Path

import pandas as pd
from fact.infra.files.record import publish_record
from fact.report.tables.cells import build_cells
from fact.report.tables.collect import collect, job_columns
from fact.report.tables.mixed import mixed_note
from fact.report.tables.printed import to_latex, to_markdown
from fact.tasks.publish import Outcome, score_record
from table_scores import frame, published, row, score, spec


def ran(torch: str, device: str = "Abacus, 2 threads", **more: str | None) -> dict:
    """A timing record of a job with this torch."""
    packages = {"python": "3.11.9", "torch": torch, "peft": "absent"}
    made = {"packages": packages, "cuda": None, "driver": None, "commit": "ab12", "command": "x", **more}
    return {"seconds": {"train": 1.0}, "device": device, "made_by": made}


def jobs(*scores: dict[str, dict]) -> pd.DataFrame:
    """The columns of scores with these timings by stage."""
    return pd.DataFrame(job_columns(stages) for stages in scores)


def test_jobs_of_one_kind_say_nothing() -> None:
    other = {"select": ran("2.13.0"), "tune": ran("2.13.0", "Slide rule", commit="cd34")}
    assert mixed_note(jobs(other, other, {"select": ran("2.13.0", "Abacus, 1 thread")})) == ""


def test_two_versions_are_named_whichever_stage_has_them() -> None:
    said = mixed_note(jobs({"select": ran("2.12.1")}, {"select": ran("2.13.0")}))
    assert said.startswith("Mixed: jobs of this table ran with torch 2.12.1 and 2.13.0.")
    assert mixed_note(jobs({"select": ran("2.12.1"), "tune": ran("2.13.0")})) == said


def test_cuda_and_driver_count_where_they_are_known() -> None:
    there, another = ({"tune": ran("2.13.0", cuda=cuda, driver="580.1")} for cuda in ("12.8", "13.0"))
    assert "cuda 12.8 and 13.0." in mixed_note(jobs(there, another, {"tune": ran("2.13.0")}))
    assert mixed_note(jobs(there, {"tune": ran("2.13.0")})) == ""


def test_a_stage_on_two_kinds_of_device_is_named() -> None:
    on = [{"probe": ran("2.13.0"), "tune": ran("2.13.0", name), "head": ran("2.13.0", name)} for name in "BA"]
    assert "ran with stage tune and head on A and B." in mixed_note(jobs(*on))


def test_older_records_count_as_nothing() -> None:
    old = {"tune": {"seconds": {"train": 1.0}}}
    assert mixed_note(jobs(old, {"tune": ran("2.13.0")})) == mixed_note(jobs(old)) == ""
    assert mixed_note(frame(score(0.5))) == ""


def test_three_versions_are_listed() -> None:
    found = mixed_note(jobs(*({"tune": ran(number)} for number in ("2.13", "2.11", "2.12"))))
    assert "torch 2.11, 2.12 and 2.13." in found


def test_it_comes_from_the_timings_and_stands_under_the_table(tmp_path: Path) -> None:
    cells = []
    for seed, torch in enumerate(("2.12.1", "2.13.0")):
        path = tmp_path / str(seed) / "score.json"
        outcome = Outcome(metrics={"top1_last": 0.5}, test_images=5, parameters={}, seconds={})
        publish_record(path, score_record({"code_version": "ab12"}, outcome))
        publish_record(path.with_name("timing.json"), {**ran(torch), "peak_memory_mb": {}})
        names = {"dataset": "digits", "backbone": "vit", "selector": "activeft", "budget": "20img"}
        stages = {"tune": str(path.with_name("timing.json"))}
        cells.append({**names, "seed": seed, "method": "LP", "path": str(path), "stages": stages})
    scores = collect(cells)
    assert list(scores["software.torch"]) == ["2.12.1", "2.13.0"]
    said, asked = mixed_note(scores), spec(row("LP"))
    table = build_cells(frame(score(0.5)), asked, published())
    assert to_markdown(table, asked, said).rstrip().endswith(f"\n\n{said}")
    assert said in to_latex(table, asked, said)
    assert "Mixed" not in to_markdown(table, asked)
