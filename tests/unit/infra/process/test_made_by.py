"""What a job ran with is beside its result."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from fact.infra.files.record import read_record
from fact.infra.process.made_by import (
    commit,
    in_words,
    lines_of,
    made_by,
    provenance,
    publish_made_by,
    versions_of,
)
from fact.infra.process.timing import timing_record


def test_the_record_names_versions_and_the_commit() -> None:
    found = timing_record({"train": 1.0})["made_by"]
    assert found == made_by() and found["packages"]["numpy"].count(".") == 2
    words = in_words(found)
    assert words.startswith("python 3.") and "None" not in words and "absent" not in words


def test_the_commit_says_whether_sources_were_edited(tmp_path: Path) -> None:
    def git(*words: str) -> str:
        own = ("-c", "user.name=a", "-c", "user.email=a@b.c")
        return subprocess.run(
            ["git", "-C", str(tmp_path), *own, *words], capture_output=True, text=True, check=True
        ).stdout.strip()

    assert commit(tmp_path) is None
    git("init", "-q")
    (tmp_path / "a.py").write_text("1")
    git("add", "a.py")
    git("commit", "-qm", "one")
    commit.cache_clear()
    assert commit(tmp_path) == git("rev-parse", "--short=12", "HEAD")
    (tmp_path / "a.py").write_text("2")
    commit.cache_clear()
    assert commit(tmp_path).endswith("-dirty")
    commit.cache_clear()


def test_a_result_without_timings_has_a_record_of_its_own(tmp_path: Path) -> None:
    publish_made_by(tmp_path / "pool.made_by.json")
    found = read_record(tmp_path / "pool.made_by.json")
    assert found == provenance() and found["made_by"]["packages"]["torch"].count(".") >= 2
    assert found["device"] == timing_record({})["device"]
    assert isinstance(found["made_by"]["command"], str)


def test_what_a_job_cannot_know_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["/study/.snakemake/scripts/tmp1.fit_head.py"])
    monkeypatch.setattr("fact.infra.process.made_by.commit", lambda: None)
    monkeypatch.setattr("fact.infra.process.made_by.driver_version", lambda: None)
    monkeypatch.setattr(torch.version, "cuda", None)
    record = provenance()
    assert [record["made_by"][name] for name in ("cuda", "driver", "commit", "command")] == [None] * 4
    assert not {"cuda", "driver"} & set(versions_of(record))
    assert not any("None" in line or "command" in line for line in lines_of(record))


def test_an_older_record_says_nothing() -> None:
    assert list(lines_of({"device": "an abacus"})) == [] and versions_of({"device": "an abacus"}) == {}


def test_a_record_is_told_in_lines() -> None:
    packages = {"python": "3.11.9", "torch": "2.13.0", "timm": "absent"}
    made = {"packages": packages, "cuda": None, "driver": "580.1", "commit": "ab12", "command": "snakemake x"}
    record = {"device": "an abacus", "made_by": made}
    assert list(lines_of(record)) == [
        "made by: python 3.11.9, torch 2.13.0, driver 580.1, commit ab12",
        "device: an abacus",
        "command: snakemake x",
    ]
    assert versions_of(record) == {"python": "3.11.9", "torch": "2.13.0", "driver": "580.1"}
