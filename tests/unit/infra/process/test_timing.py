from pathlib import Path

import pytest
from fact.infra.process.timing import peak_memory_mb, timing_record, training_seconds


def test_timing_holds_seconds_and_memory():
    found = timing_record({"train": 1.5})
    assert found["seconds"] == {"train": 1.5} and found["peak_memory_mb"]["cpu"] > 1


@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="the system does not tell")
def test_peak_memory_is_that_of_the_system_in_mebibytes():
    (line,) = [row for row in Path("/proc/self/status").read_text().splitlines() if row.startswith("VmHWM")]
    assert peak_memory_mb()["cpu"] == pytest.approx(int(line.split()[1]) / 1024, rel=0.05)


def test_the_record_names_the_device_and_the_whole_job():
    found = timing_record({"train": 1.5})
    assert found["job_seconds"] > 0
    assert "thread" in found["device"] or "NVIDIA" in found["device"]


def test_training_is_what_neither_measures_nor_loads():
    phases = {
        "decode": 1.0,
        "train": 2.0,
        "evaluate": 4.0,
        "load": 8.0,
        "search": 16.0,
        "labelled": 32.0,
        "test": 64.0,
    }
    assert training_seconds(phases) == 35.0
