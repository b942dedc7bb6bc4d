"""The check of the machine."""

import os
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from fact.commands import doctor


def test_report_covers_the_machine_every_package_and_every_extra(tmp_path: Path) -> None:
    findings = doctor.report(tmp_path / "results")
    items = [finding.item for finding in findings]
    expected = {
        "python",
        "numpy",
        "torch",
        "[workflow]",
        "[export]",
        "device",
        "threads",
        "torchvision operators",
    }
    assert expected | {"HDF5", "Slurm", "cache", "disk"} <= set(items)
    assert len(items) == len(set(items))
    assert all(finding.remedy for finding in findings if finding.status != "ok")
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize(
    ("requirement", "status", "value"),
    [
        (f"numpy=={version('numpy')}", "ok", version("numpy")),
        ("numpy<1", "warn", f"{version('numpy')}, needed is <1"),
        ("no-such-package==1.0", "fail", "not installed"),
    ],
)
def test_packages_are_held_against_their_ranges(
    monkeypatch: pytest.MonkeyPatch, requirement: str, status: str, value: str
) -> None:
    monkeypatch.setattr(doctor, "requires", lambda _: [requirement, 'pytest==1; extra == "dev"'])
    finding, *_ = doctor.packages()
    assert (finding.status, finding.value) == (status, value)


@pytest.mark.parametrize(
    ("installed", "status", "value"),
    [
        ({"onnx": "1.20", "onnxruntime": "1.21"}, "ok", "onnx 1.20, onnxruntime 1.21"),
        ({"onnx": "1.20"}, "ok", "incomplete, without onnxruntime; for models as ONNX: pip install 'fact-"),
        ({}, "ok", "not installed; for models as ONNX: pip install 'fact-workflow[export]'"),
        ({"onnx": "1.1", "onnxruntime": "1.21"}, "warn", "onnx 1.1, needed is >=1.17"),
    ],
)
def test_an_extra_says_what_of_it_is_there(
    monkeypatch: pytest.MonkeyPatch, installed: dict[str, str], status: str, value: str
) -> None:
    def version_of(name: str) -> str:
        if name not in installed:
            raise PackageNotFoundError(name)
        return installed[name]

    needed = ['onnx>=1.17; extra == "export"', 'onnxruntime; extra == "export"', 'peft; extra == "lora"']
    monkeypatch.setattr(doctor, "requires", lambda _: needed)
    monkeypatch.setattr(doctor, "version", version_of)
    (finding,) = [finding for finding in doctor.packages() if finding.item == "[export]"]
    assert finding.status == status and finding.value.startswith(value)


def test_a_build_tag_is_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "requires", lambda _: ["torch==2.13.0"])
    monkeypatch.setattr(doctor, "version", lambda _: "2.13.0+cpu")
    assert next(doctor.packages()).status == "ok"


def test_too_many_threads_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set())
    finding = doctor.threads()
    assert finding.status == "warn" and "OMP_NUM_THREADS" in finding.remedy


@pytest.mark.parametrize(("free", "status"), [(10**8, "fail"), (5 * 10**9, "warn"), (50 * 10**9, "ok")])
def test_free_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, status: str) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": free}))
    finding = doctor.disk(tmp_path / "not" / "yet")
    assert finding.status == status and str(tmp_path) in finding.value


def test_a_folder_without_permission_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert doctor.disk(tmp_path).status == "fail"


def test_slurm_is_asked_for_its_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert doctor.slurm().value.startswith("no sbatch on PATH")
    sbatch = tmp_path / "sbatch"
    sbatch.write_text("#!/bin/sh\necho slurm-wlm 22.05.8\n")
    sbatch.chmod(0o755)
    assert doctor.slurm() == ("Slurm", "slurm-wlm 22.05.8", "ok", "")
    sbatch.write_text("#!/bin/sh\necho no controller >&2\nexit 1\n")
    assert doctor.slurm()[1:3] == ("sbatch fails: no controller", "warn")


def test_a_home_folder_that_cannot_be_written_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file/cache"))
    finding = doctor.cache()
    assert finding.status == "fail" and "export XDG_CACHE_HOME=" in finding.remedy


def test_forced_locks_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HDF5_USE_FILE_LOCKING", "TRUE")
    assert doctor.hdf5().status == "warn"
    monkeypatch.setenv("HDF5_USE_FILE_LOCKING", "FALSE")
    assert doctor.hdf5().status == "ok"
