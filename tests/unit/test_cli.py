"""The command line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from fact import __version__, cli
from fact.commands.doctor import Finding
from fact.commands.errors import plain_errors
from fact.config.registries import read_overlay
from fact.data.selection_file import read_selection
from fact.infra.files.record import read_record
from fact.project.folder import settled
from feature_files import write
from typer.testing import CliRunner, Result


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


@pytest.mark.parametrize(
    "module", ["fact.project.advance", "fact.project.labelling.serve", "fact.project.labelling.project_task"]
)
def test_what_only_reads_and_drives_waits_for_no_torch(module: str) -> None:
    code = f"import sys, {module}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


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
    assert all(
        command in done.stdout
        for command in ("inspect", "doctor", "select", "labels", "backbones", "weights")
    )
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


def test_the_version_has_the_two_ways_that_people_type() -> None:
    assert run("--version").stdout == f"fact-workflow {__version__}\n"
    assert run("version").stdout.splitlines()[1] == f"fact-workflow {__version__}"


def test_help_is_short_too_and_sorts_commands_into_panels() -> None:
    text = run("-h").stdout
    assert text == run("--help").stdout
    assert all(panel in text for panel in cli.PANELS)
    assert text.index("Your own images") < text.index("Research") < text.index("Machine")
    assert "Status: 0 done" in text and "--install-completion" in text


@pytest.mark.parametrize(
    "command",
    [
        ["version"],
        ["doctor"],
        ["backbones", "vit_digits"],
        ["weights", "check", "vit_digits"],
        ["data", "check", "digits"],
    ],
)
def test_what_scripts_want_is_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*command, "--json")
    assert json.loads(result.stdout), result.stderr


def test_a_study_is_laid_down_once_and_nothing_is_overwritten(tmp_path: Path) -> None:
    told = run("workflow", "init", tmp_path / "study")
    assert told.exit_code == 0 and "next: edit" in told.stdout
    written = {str(path.relative_to(tmp_path / "study")) for path in (tmp_path / "study").rglob("*")}
    assert {"Snakefile", "config/config.yaml", "profiles/default/profile.yaml"} <= written
    (tmp_path / "study/Snakefile").write_text("mine")
    again = run("workflow", "init", tmp_path / "study")
    assert again.exit_code == 1 and "is there already" in again.stderr
    assert (tmp_path / "study/Snakefile").read_text() == "mine"
    settled([read_overlay(tmp_path / "study/config/config.yaml")])


def test_an_error_of_ours_keeps_its_traceback() -> None:
    with pytest.raises(KeyError), plain_errors():
        raise KeyError("bug")


@pytest.mark.parametrize(("status", "code"), [("ok", 0), ("warn", 0), ("fail", 1)])
def test_doctor_prints_remedies_and_fails_when_something_must_be_mended(
    monkeypatch: pytest.MonkeyPatch, status: str, code: int
) -> None:
    findings = [Finding("python", "3.11", "ok"), Finding("disk", "0.1 GB", status, "make room")]
    monkeypatch.setattr("fact.commands.doctor.report", lambda _: findings)
    result = run("doctor")
    assert result.exit_code == code
    lines = result.stdout.splitlines()
    assert lines[0] == "ok    python  3.11" and lines[1] == f"{status:<4}  disk    0.1 GB"
    assert lines[2].strip() == "-> make room"


def test_version() -> None:
    lines = run("version").stdout.splitlines()
    assert f"fact-workflow {__version__}" in lines
    assert any(line.startswith("torch 2") for line in lines)


CONFIG = Path(__file__).parents[2] / "config"
VIT = {"img_size": 16, "patch_size": 4, "embed_dim": 32, "depth": 2, "num_heads": 2}


def overlay(folder: Path, **changes: object) -> list[object]:
    """Options for an overlay that declares the backbone `tiny`."""
    keys = ("weights", "sha256", "image_size", "mean", "std", "interpolation", "pretrain")
    entry = (
        dict.fromkeys(keys) | {"model": "vit_tiny_patch16_224", "model_args": VIT, "training": {}} | changes
    )
    file = folder / "my.yaml"
    file.write_text(yaml.safe_dump({"backbones": {"tiny": entry}}))
    return ["--config", CONFIG, "--configfile", file]


def some_weights(folder: Path) -> Path:
    import torch
    from fact.backbones.weights import create_architecture

    path = folder / "tiny.th"
    torch.save(create_architecture("vit_tiny_patch16_224", VIT).state_dict(), path)
    return path


def test_backbones_prints_sizes_and_what_recipes_train(tmp_path: Path) -> None:
    result = run("backbones", "tiny", "--classes", "3", *overlay(tmp_path))
    assert result.exit_code == 0
    lines = [line.split() for line in result.stdout.splitlines()]
    assert lines[0] == ["backbone", "parameters", "image", "pooled", "tokens", "licence"]
    assert lines[1][2:5] == ["16", "32", "4×4×32"]
    trained = {line[0]: line[1] for line in lines[5:]}
    # qkv of two blocks with rank 8, and a head of 3 × 33
    assert trained["lp-lora"] == f"{2 * 8 * (32 + 96) + 99:,}"
    assert trained["lp-prefix"] == f"{2 * 2 * 15 * 32 + 99:,}"


def test_weights_are_fetched_and_checked(tmp_path: Path) -> None:
    from fact.infra.files.sha256 import file_sha256

    file = some_weights(tmp_path)
    options = overlay(tmp_path, weights=file.as_uri(), sha256=file_sha256(file))
    where = ["--results", tmp_path / "results"]
    assert run("weights", "check", "tiny", *options, *where).exit_code == 1
    assert run("weights", "get", "tiny", *options, *where).exit_code == 0
    checked = run("weights", "check", "tiny", *options, *where)
    assert checked.exit_code == 0 and checked.stdout.startswith("tiny  ok  sha256 ")
    folder = tmp_path / "results/weights/tiny"
    assert sorted(path.name for path in folder.iterdir()) == ["backbone.json", "model.safetensors"]
    stored = folder / "model.safetensors"
    stored.write_bytes(stored.read_bytes()[:-9])
    damaged = run("weights", "check", "tiny", *options, *where)
    assert (
        damaged.exit_code == 1 and "tiny  damaged" in damaged.stdout and "delete the folder" in damaged.stdout
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sha256": "00" * 32}, "does not match the known hash"),
        ({"pretrain": {"dataset": "digits", "seed": 0, "settings": {}}}, "is pretrained here, not fetched"),
    ],
)
def test_weights_that_cannot_be_fetched_are_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict, message: str
) -> None:
    monkeypatch.setattr("pooch.core.time.sleep", lambda _: None)
    options = overlay(tmp_path, weights=some_weights(tmp_path).as_uri(), **changes)
    result = run("weights", "get", "tiny", *options, "--results", tmp_path / "results")
    assert result.exit_code == 1 and message in result.stderr and result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "command", [["backbones", "huge"], ["weights", "get", "huge"], ["weights", "check", "huge"]]
)
def test_an_undeclared_backbone_is_named(command: list[str]) -> None:
    result = run(*command, "--config", CONFIG)
    assert (
        result.exit_code == 1 and "backbone 'huge' is not declared; known are convnext_tiny" in result.stderr
    )


TAKE_AN_OVERLAY = [
    "plan table1",
    "rates rates.json",
    "data get digits",
    "data check digits",
    "weights get vit_digits",
    "weights check vit_digits",
    "backbones vit_digits",
    "select pool.h5 out.csv --budget 5img",
]


@pytest.mark.parametrize("command", TAKE_AN_OVERLAY)
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"run: [1\nx: {", "cannot be read as YAML"),
        (b"a: \xff", "cannot be read as YAML"),
        (b"- run\n", "is no configuration but list; write `key: value` lines"),
        (None, "No such file"),
    ],
    ids=["bad YAML", "no text", "a list", "absent"],
)
def test_an_overlay_that_cannot_be_read_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, content: bytes | None, message: str
) -> None:
    monkeypatch.chdir(CONFIG.parent)
    file = tmp_path / "my.yaml"
    if content is not None:
        file.write_bytes(content)
    result = run(*command.split(), "--configfile", file)
    assert result.exit_code == 1 and result.stdout == ""
    assert result.stderr.startswith("error: ") and result.stderr.count("\n") == 1
    assert str(file) in result.stderr and message in result.stderr


@pytest.mark.parametrize("command", ["data check digits", "weights check vit_digits", "backbones vit_digits"])
def test_an_empty_overlay_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.chdir(CONFIG.parent)
    (tmp_path / "my.yaml").write_text("# nothing yet\n")
    plain = run(*command.split())
    result = run(*command.split(), "--configfile", tmp_path / "my.yaml")
    assert (result.exit_code, result.stdout, result.stderr) == (plain.exit_code, plain.stdout, plain.stderr)


def test_a_folder_without_registries_is_named(tmp_path: Path) -> None:
    result = run("backbones", "--config", tmp_path / "none")
    assert result.exit_code == 1 and "leave out --config for those of FACT" in result.stderr


def test_select_goes_on_from_what_is_labelled(tmp_path: Path) -> None:
    pool, first, more = write(tmp_path / "pool.h5"), tmp_path / "first.csv", tmp_path / "more.csv"
    options = ["--budget", "5img", "--config", CONFIG, "--selector", "kcenter"]
    assert run("select", pool, first, *options).exit_code == 0
    result = run("select", pool, more, *options, "--already-labelled", first, "--near-duplicates", "0.999")
    assert result.exit_code == 0 and result.stdout == f"5 images: {more}\n"
    chosen = [set(read_selection(path)) for path in (first, more)]
    assert list(map(len, chosen)) == [5, 5] and not chosen[0] & chosen[1]


def test_what_was_labelled_is_not_cut_off_a_selection_that_does_not_list_it(tmp_path: Path) -> None:
    pool, first, more = write(tmp_path / "pool.h5"), tmp_path / "first.csv", tmp_path / "more.csv"
    options = ["--config", CONFIG, "--selector", "kcenter"]
    assert run("select", pool, first, "--budget", "3img", *options).exit_code == 0
    assert run("select", pool, more, "--budget", "5img", *options, "--already-labelled", first).exit_code == 0
    record = read_record(more.with_suffix(".json"))
    # a display leaves out as many as the selection begins with
    assert len(read_selection(more)[record["already_labelled"] :]) == 5
    assert record["complements"] == 3
    assert read_record(first.with_suffix(".json"))["complements"] == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--selector", "best"], "selector 'best' is not declared; known are activeft"),
        (["--selector", "badge"], "needs a model of its first part"),
        (["--near-duplicates", "2"], "near_duplicates is 2.0"),
    ],
)
def test_a_selection_that_cannot_be_made_is_one_line(
    tmp_path: Path, options: list[str], message: str
) -> None:
    pool = write(tmp_path / "pool.h5")
    result = run("select", pool, tmp_path / "a.csv", "--budget", "5img", "--config", CONFIG, *options)
    assert result.exit_code == 1 and message in result.stderr and "Traceback" not in result.stderr


def test_data_is_fetched_and_checked(labelled_root: Path, tmp_path: Path) -> None:
    keys = {"source": "image_folder", "root": str(labelled_root), "options": {}, "budgets": ["2img"]}
    (tmp_path / "my.yaml").write_text(yaml.safe_dump({"datasets": {"mine": keys}}))
    options = ["--config", CONFIG, "--configfile", tmp_path / "my.yaml", "--results", tmp_path / "results"]
    fetched = run("data", "get", "mine", *options)
    assert fetched.exit_code == 0 and fetched.stdout.startswith("mine  ok  12 pool and 4 test images of 2")
    assert (tmp_path / "results/sources/mine/source.json").is_file()
    every = run("data", "check", *options)
    assert every.exit_code == 0 and "imagenet1k     absent  no image folder is given" in every.stdout
    assert run("data", "check", "imagenet1k", *options).exit_code == 1
    unknown = run("data", "check", "imagenet", *options)
    assert unknown.exit_code == 1
    assert (
        "'imagenet' is not declared; did you mean 'imagenet1k'? known are ade20k, cifar10, " in unknown.stderr
    )
