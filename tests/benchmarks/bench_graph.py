"""How long Snakemake plans a large study: a dry run, and a run in which nothing is left to do.

    python tests/benchmarks/bench_graph.py [--seeds 7]

Ten budgets, two selectors, eleven methods and seven seeds on digits. Outputs are empty files, which
`snakemake --touch` records; nothing is computed.
"""

import argparse
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow"))
from checkout import copy_checkout, environment

OVERLAY = "run: {{seeds: {seeds}}}\ndatasets: {{digits: {{budgets: {budgets}}}}}\n"


def snakemake(checkout: Path, *options: str) -> tuple[str, float]:
    """Output and wall seconds."""
    command = ("snakemake", "--configfile", "large.yaml", *options)
    start = time.perf_counter()
    done = subprocess.run(command, cwd=checkout, env=environment(checkout), capture_output=True, text=True)
    seconds = time.perf_counter() - start
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout + done.stderr, seconds


def outputs(plan: str) -> list[str]:
    lines = re.findall(r"^    output: (.*)$", plan, re.MULTILINE)
    return [path for line in lines for path in line.split(", ")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=7)
    seeds = list(range(parser.parse_args().seeds))
    with tempfile.TemporaryDirectory() as folder:
        checkout = copy_checkout(Path(folder) / "checkout")
        budgets = [f"{images}img" for images in range(20, 220, 20)]
        (checkout / "large.yaml").write_text(OVERLAY.format(seeds=seeds, budgets=budgets))
        plan, _ = snakemake(checkout, "-n")
        total = re.search(r"^total +(\d+)$", plan, re.MULTILINE)[1]
        _, dry = snakemake(checkout, "-n", "--quiet", "rules", "progress")
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"dry run of {total} jobs: {dry:.1f} s, {memory:.0f} MB on {os.cpu_count()} cores")
        for path in outputs(plan):
            (checkout / path).parent.mkdir(parents=True, exist_ok=True)
            (checkout / path).touch()
        snakemake(checkout, "--cores", "2", "--touch", "--quiet", "all")
        told, idle = snakemake(checkout, "--cores", "2")
        assert "Nothing to be done" in told
        print(f"run with nothing left to do: {idle:.1f} s")


if __name__ == "__main__":
    main()
