"""The limit that tests/conftest.py sets to unit tests, on tests made up here."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parents[1]
MADE_UP = """
import subprocess, sys, time, pytest

WORK = "import time\\nwhile time.process_time() < 0.4: pass"

def work():
    begun = time.process_time()
    while time.process_time() < begun + 0.3: pass

def test_works(): work()

def test_lets_a_child_work(): subprocess.run([sys.executable, "-c", WORK])

@pytest.mark.slow
def test_is_marked(): work()

def test_waits(): time.sleep(0.3)

def test_is_wrong():
    work()
    assert False, "its own words"
"""


def test_a_unit_test_that_computes_for_long_fails_unless_it_is_marked(tmp_path: Path) -> None:
    (tmp_path / "tests/unit").mkdir(parents=True)
    shutil.copy(TESTS / "conftest.py", tmp_path / "tests")
    shutil.copy(TESTS.parent / "pyproject.toml", tmp_path)
    (tmp_path / "tests/unit/test_made_up.py").write_text(MADE_UP)
    command = [sys.executable, "-m", "pytest", "-rfE", "-p", "no:cacheprovider", "--quick-limit", "0.2"]
    # where CI is set, pytest repeats messages in its summary
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    done = subprocess.run(
        [*command, "tests/unit"], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    failed = re.findall(r"^FAILED \S+::(\w+)", done.stdout, re.MULTILINE)
    assert failed == ["test_works", "test_lets_a_child_work", "test_is_wrong"], done.stdout
    assert done.stdout.count("processor seconds, above 0.2") == 2 and "its own words" in done.stdout
