"""What a job ran with is beside its result."""

import subprocess
from pathlib import Path

from fact.infra.process.made_by import commit, in_words, made_by
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
