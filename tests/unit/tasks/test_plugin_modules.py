"""What rules import, before any job starts."""

import re
import subprocess
import sys
from pathlib import Path

WORKFLOW = Path(__file__).parents[3] / "workflow"
HEAVY = {"torch", "timm", "h5py", "pandas", "sklearn", "matplotlib"}


def imports_of_rules() -> list[str]:
    """Return the statements with which the rules import the library whenever they are read.

    What stands in a function is imported when a job asks for it, or when a run has failed.
    """
    rules = sorted(WORKFLOW.glob("rules/*.smk"))
    lines = [line for rule in rules for line in rule.read_text().splitlines()]
    pattern = re.compile(r"from fact\S* import |    from fact.config import cells")
    return [line.strip() for line in lines if pattern.match(line)]


def test_rules_import_nothing_that_a_driver_would_wait_for() -> None:
    statements = imports_of_rules()
    assert any("plugin_modules" in statement for statement in statements)
    code = "\n".join([*statements, "import sys", "print(*sys.modules)"])
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert not HEAVY & set(done.stdout.split())
