"""The command line."""

import subprocess
import sys
from pathlib import Path

import pytest
from fact import __version__, cli
from fact.doctor import Finding
from feature_files import write
from typer.testing import CliRunner, Result


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


def test_help_names_the_commands_and_imports_nothing_heavy() -> None:
    code = """if True:
        import sys
        from fact.cli import app
        try:
            app(["--help"])
        finally:
            print(*sys.modules, file=sys.stderr)
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert all(command in done.stdout for command in ("inspect", "doctor", "version"))
    assert not {"numpy", "h5py", "torch", "pandas", "matplotlib"} & set(done.stderr.split())


def test_inspect_prints_the_description(tmp_path: Path) -> None:
    result = run("inspect", write(tmp_path / "pool.h5"))
    assert result.exit_code == 0
    assert "content hash: ok" in result.stdout


def test_inspect_draws_a_plot(tmp_path: Path) -> None:
    plot = tmp_path / "plot.png"
    result = run("inspect", write(tmp_path / "pool.h5"), "--plot", plot)
    assert result.exit_code == 0 and result.stdout.endswith(f"plot: {plot}\n")
    assert plot.read_bytes().startswith(b"\x89PNG")


def test_a_damaged_file_is_one_line_on_stderr(tmp_path: Path) -> None:
    path = write(tmp_path / "pool.h5")
    path.write_bytes(path.read_bytes()[:-10])
    result = run("inspect", path)
    assert result.exit_code == 1 and result.stdout == ""
    assert result.stderr.startswith(f"error: {path}: damaged") and result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["absent.h5"], "absent.h5: no such file"),
        (["absent.h5", "--selection", "a.csv"], "add --plot"),
        (["absent.csv", "--plot", "a.png"], "only a features file"),
    ],
)
def test_errors_of_the_user_have_no_traceback(arguments: list[str], message: str) -> None:
    result = run("inspect", *arguments)
    assert result.exit_code == 1 and message in result.stderr and "Traceback" not in result.stderr


def test_an_error_of_ours_keeps_its_traceback() -> None:
    with pytest.raises(KeyError), cli.plain_errors():
        raise KeyError("bug")


@pytest.mark.parametrize(("status", "code"), [("ok", 0), ("warn", 0), ("fail", 1)])
def test_doctor_prints_remedies_and_fails_when_something_must_be_mended(
    monkeypatch: pytest.MonkeyPatch, status: str, code: int
) -> None:
    findings = [Finding("python", "3.11", "ok"), Finding("disk", "0.1 GB", status, "make room")]
    monkeypatch.setattr("fact.doctor.report", lambda _: findings)
    result = run("doctor")
    assert result.exit_code == code
    lines = result.stdout.splitlines()
    assert lines[0] == "ok    python  3.11" and lines[1] == f"{status:<4}  disk    0.1 GB"
    assert lines[2].strip() == "-> make room"


def test_version() -> None:
    lines = run("version").stdout.splitlines()
    assert f"fact-workflow {__version__}" in lines
    assert any(line.startswith("torch 2") for line in lines)
