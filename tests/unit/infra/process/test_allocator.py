"""Freed memory stays in the process where glibc can be told so."""

import platform
import subprocess
import sys

import pytest

PROGRAM = """
import resource, sys
from fact.infra.process.allocator import keep_freed_memory
if sys.argv[1] == "keep":
    assert keep_freed_memory()
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
import numpy as np
def work():
    parts = [np.ones(2**20) for _ in range(4)]
    del parts
work()
before = faults()
for _ in range(10):
    work()
print(faults() - before)
"""


def page_faults(how: str) -> int:
    done = subprocess.run([sys.executable, "-c", PROGRAM, how], capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be told")
def test_memory_is_not_paged_in_anew() -> None:
    assert page_faults("keep") < page_faults("default") / 4
