from pathlib import Path

import pytest
from fact.timing import peak_memory_mb, timing_record


def test_timing_holds_seconds_and_memory():
    found = timing_record({"train": 1.5})
    assert found["seconds"] == {"train": 1.5} and found["peak_memory_mb"]["cpu"] > 1


@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="the system does not tell")
def test_peak_memory_is_that_of_the_system_in_mebibytes():
    (line,) = [row for row in Path("/proc/self/status").read_text().splitlines() if row.startswith("VmHWM")]
    assert peak_memory_mb()["cpu"] == pytest.approx(int(line.split()[1]) / 1024, rel=0.05)
