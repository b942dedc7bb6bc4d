from pathlib import Path

import pytest
from fact.infra.errors import MachineError
from fact.infra.files.shipped import (
    shipped_file,
    workflow_folder,
    workflow_here,
    workflow_snakefile,
)

ROOT = Path(__file__).parents[4]


def lay(folder: Path) -> Path:
    for name in ("workflow/Snakefile", "config/backbones.yaml"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def test_in_a_checkout_the_workflow_lies_beside_the_library() -> None:
    assert workflow_folder() == ROOT and workflow_snakefile() == str(ROOT / "workflow/Snakefile")


def test_in_an_installed_package_it_lies_below(tmp_path: Path) -> None:
    package = tmp_path / "site-packages/fact"
    assert workflow_folder(lay(package / "_workflow").parent) == package / "_workflow"


def test_a_library_without_it_names_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match=r"came without its workflow; .*pip install"):
        workflow_folder(tmp_path / "a/fact")


def test_a_file_of_the_current_folder_comes_before_the_shipped_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "workflow/weights/vit_digits.safetensors"
    monkeypatch.chdir(tmp_path)
    assert shipped_file(name) == ROOT / name
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).touch()
    assert shipped_file(name) == Path(name)
    assert shipped_file("none.safetensors") == Path("none.safetensors")


def test_a_checkout_is_taken_where_one_stands_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert workflow_here() == ROOT
    lay(tmp_path)
    assert workflow_here() == tmp_path
