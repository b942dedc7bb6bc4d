"""The command line that a file was made with."""

from pathlib import Path

import pytest
from fact.infra.process.command_line import as_typed, command_line
from fact.infra.process.job import write_run_code

JOB = ["/study/.snakemake/scripts/tmpab12.fit_head.py"]


@pytest.mark.parametrize(
    ("arguments", "typed"),
    [
        (["/env/bin/snakemake", "--cores", "2", "table1"], "snakemake --cores 2 table1"),
        (["/env/snakemake/__main__.py", "-n", "my table"], "python -m snakemake -n 'my table'"),
    ],
)
def test_a_command_is_written_as_typed(arguments: list[str], typed: str) -> None:
    assert as_typed(arguments) == typed


def test_a_job_names_the_command_of_its_run(tmp_path: Path) -> None:
    run_code = tmp_path / "run-code.json"
    write_run_code({}, run_code, command="snakemake --cores 2 table1")
    assert command_line(JOB, run_code) == "snakemake --cores 2 table1"
    assert command_line(["/env/bin/fact", "select"], run_code) == "fact select"


def test_a_job_without_the_word_of_its_run_names_none(tmp_path: Path) -> None:
    assert command_line(JOB, tmp_path / "absent.json") is None
    write_run_code({}, tmp_path / "run-code.json")
    assert command_line(JOB, tmp_path / "run-code.json") is None
