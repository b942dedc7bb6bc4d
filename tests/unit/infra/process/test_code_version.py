"""Code versions: which edits change them, on a small package and on the real one."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from fact.infra.process import code_version as versions
from fact.infra.process.code_version import (
    DEPENDENCIES,
    PACKAGE,
    code_version,
    imported_modules,
    package_versions,
)

SOURCES = {
    "__init__": '"""A package."""\nVERSION = 1\n',
    "maths": 'def double(x):\n    """Twice x."""\n    return 2 * x  # why\n',
    "shapes/__init__": "SIDES = 4\n",
    "shapes/area": "from ..maths import double\n\n\ndef area(a, b):\n    return double(a * b) / 2\n",
    "shapes/edge": "LENGTH = 1.5\n",
    "lazy": "def late():\n    from toy.shapes import edge\n\n    return edge.LENGTH\n",
    "top": "import numpy\nimport toy.shapes.area\nfrom toy import VERSION\n"
    "from toy.infra import publish\n\nfrom . import lazy\n",
    "infra/__init__": "",
    "infra/publish": "from toy.hidden import NOTHING\n",
    "hidden": "NOTHING = None\n",
    "alone": "X = 1\n",
}
Build = Callable[[dict[str, str]], str]


@pytest.fixture
def version_with(tmp_path: Path) -> Build:
    """A function: the version of toy.top with some sources replaced, each time in another folder."""

    def version(changes: dict[str, str]) -> str:
        root = tmp_path / f"{len(list(tmp_path.iterdir()))}" / "toy"
        for name, text in (SOURCES | changes).items():
            path = root / f"{name}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return code_version("toy.top", root=root)

    return version


def test_closure_follows_all_kinds_of_imports(tmp_path: Path, version_with: Build) -> None:
    version_with({})
    expected = ["lazy", "maths", "shapes", "shapes.area", "shapes.edge", "top"]
    assert imported_modules("toy.top", root=tmp_path / "0" / "toy") == [f"toy.{name}" for name in expected]


NESTED = """
class Shape:
    async def load(self, kind, path):
        match kind:
            case 1:
                from toy import a
            case _:
                with path.open() as file, lock:
                    from toy import b
        try:
            if path:
                pass
            elif kind:
                from toy import c
        except OSError:
            for x in kind:
                pass
            else:
                from toy import d
        else:
            while True:
                import toy.e
        finally:
            from toy.f import X
"""


def test_an_import_is_found_in_every_kind_of_block(tmp_path: Path, version_with: Build) -> None:
    version_with({"top": NESTED, **{name: "X = 1\n" for name in "abcdef"}})
    found = imported_modules("toy.top", root=tmp_path / "0" / "toy")
    assert found == [*(f"toy.{name}" for name in "abcdef"), "toy.top"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("top", SOURCES["top"] + "X = 1\n"),
        ("maths", "def double(x):\n    return 3 * x\n"),
        ("maths", "def double(x, y=0):\n    return 2 * x\n"),
        ("shapes/__init__", "SIDES = 5\n"),
        ("shapes/area", SOURCES["shapes/area"].replace("/ 2", "/ 2.0")),
        ("shapes/edge", "LENGTH = '1.5'\n"),
        ("lazy", SOURCES["lazy"].replace("edge.LENGTH", "-edge.LENGTH")),
    ],
)
def test_an_edit_that_can_change_a_number_changes_the_version(
    version_with: Build, name: str, text: str
) -> None:
    before = version_with({})
    assert version_with({name: text}) != before
    assert version_with({}) == before


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("maths", "# new\n\n\ndef double( x ):\n    '''Other\n    words.'''\n\n    return (2*x)\n"),
        ("maths", "def double(x):\n    return 2 * x\n"),
        ("shapes/edge", 'LENGTH = 1.50\n"""Metres."""\n'),
        ("infra/publish", "X = 1\n"),
        ("hidden", "NOTHING = 1\n"),
        ("alone", "X = 2\n"),
        ("__init__", "VERSION = 2\n"),
        ("new", "X = 2\n"),
    ],
)
def test_an_edit_that_cannot_change_a_number_changes_nothing(
    version_with: Build, name: str, text: str
) -> None:
    assert version_with({name: text}) == version_with({})


def test_moving_code_between_modules_changes_the_version(version_with: Build) -> None:
    swapped = {"shapes/edge": SOURCES["alone"], "alone": SOURCES["shapes/edge"]}
    assert version_with(swapped) != version_with({})


def test_infrastructure_counts_when_it_is_named(tmp_path: Path, version_with: Build) -> None:
    version_with({})
    version_with({"hidden": "NOTHING = 1\n"})
    roots = [tmp_path / number / "toy" for number in "01"]
    publish = "toy.infra.publish"
    assert imported_modules(publish, root=roots[0]) == ["toy.hidden", "toy.infra", publish]
    assert code_version(publish, root=roots[0]) != code_version(publish, root=roots[1])


def test_order_and_repetition_of_modules_do_not_matter(tmp_path: Path, version_with: Build) -> None:
    version_with({})
    root = tmp_path / "0" / "toy"
    one = code_version("toy.top", "toy.alone", root=root)
    assert code_version("toy.alone", "toy.top", "toy.maths", "toy.alone", root=root) == one
    assert len(one) == 16 and int(one, 16) >= 0


@pytest.mark.parametrize("name", ["toy.absent", "toy", "numpy", "toy.shapes.absent", ""])
def test_an_unknown_module_is_named(tmp_path: Path, version_with: Build, name: str) -> None:
    version_with({})
    with pytest.raises(ValueError, match=f"no module {name} in"):
        code_version(name, root=tmp_path / "0" / "toy")


def test_an_import_of_an_absent_module_is_named(version_with: Build) -> None:
    with pytest.raises(ValueError, match=r"no module toy\.absent in"):
        version_with({"lazy": "import toy.absent\n"})
    with pytest.raises(ValueError, match="needs a module"):
        code_version()


def test_the_real_package() -> None:
    assert code_version("fact.seeds") != code_version("fact.features.store")
    assert "fact.features.checks" in imported_modules("fact.features.store")
    assert "fact.infra.files.publish" not in imported_modules("fact.features.store")


SCRIPTS = sorted((PACKAGE.parent / "scripts").glob("*.py"))


@pytest.fixture(scope="module")
def edited(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """The package with every module of infrastructure edited (True), or every other module (False)."""
    copies = {}
    for infrastructure in (True, False):
        root = copies[infrastructure] = tmp_path_factory.mktemp("edited") / "fact"
        shutil.copytree(PACKAGE, root, ignore=shutil.ignore_patterns("__pycache__"))
        for path in root.rglob("*.py"):
            room = path.relative_to(root).parts[0].removesuffix(".py")
            if (room in ("infra", "commands", "cli")) == infrastructure:
                path.write_text(path.read_text("utf-8") + "\nEDITED = 1\n", "utf-8")
    return copies


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_stage_runs_again_for_science_and_not_for_infrastructure(
    script: Path, edited: dict[bool, Path]
) -> None:
    before = code_version(script=script)
    assert code_version(script=script, root=edited[True]) == before
    assert code_version(script=script, root=edited[False]) != before


def test_every_real_module_has_a_version() -> None:
    names = [path.relative_to(PACKAGE.parent).with_suffix("") for path in PACKAGE.rglob("*.py")]
    modules = [".".join(name.parts).removesuffix(".__init__") for name in names]
    found = [code_version(module) for module in modules if module != "fact"]
    assert all(re.fullmatch("[0-9a-f]{16}", one) for one in found) and len(set(found)) == len(found) > 300


def test_nothing_heavy_is_imported() -> None:
    code = "import sys, fact.infra.process.code_version as v; v.code_version('fact.features.store')"
    code += "; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not {"numpy", "h5py", "torch", "fact.features.store"} & set(loaded.split())


def test_package_versions_name_what_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = package_versions()
    assert set(found) == {"python", *DEPENDENCIES}
    assert found["python"] == ".".join(map(str, sys.version_info[:3]))
    assert found["numpy"] == __import__("numpy").__version__
    monkeypatch.setattr(versions, "DEPENDENCIES", ("no-such-package",))
    assert package_versions()["no-such-package"] == "absent"


def test_a_script_and_what_it_imports_count(tmp_path: Path, version_with: Build) -> None:
    version_with({})
    root = tmp_path / "0" / "toy"

    def version(text: str) -> str:
        script = tmp_path / f"{abs(hash(text))}.py"
        script.write_text(text)
        return code_version(script=script, root=root)

    plain = version("from toy.maths import double\ndouble(1)\n")
    assert version("from toy.maths import double  # twice\ndouble(1)\n") == plain
    assert version("from toy.maths import double\ndouble(2)\n") != plain
    script = tmp_path / "stage.py"
    script.write_text("from toy.maths import double\ndouble(1)\n")
    assert code_version(script=script, root=root) == plain
    assert code_version("toy.shapes.edge", script=script, root=root) != plain
    other = tmp_path / "other" / "toy"
    other.mkdir(parents=True)
    (other / "maths.py").write_text("def double(x):\n    return x + x\n")
    assert code_version(script=script, root=other) != plain
