"""How long the report of a large run takes to build and to open, and how large it is.

    python tests/benchmarks/bench_report.py

Writes the files of a made-up run (four datasets of 100 classes, two backbones, 300 epochs a history), builds
the page from them and opens it in the machine's Chromium, if there is one: the time from the start of the
navigation until tables can be sorted, and until the first figure is seen.
"""

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
sys.path[:0] = [str(REPOSITORY / folder) for folder in ("workflow", "tests/unit", "tests/browser")]

from browser import PROGRAMS, Page, browser  # noqa: E402
from report_run import run_config, write_run  # noqa: E402

METHODS = [
    "LR-frozen",
    "LP",
    "FF",
    "LP-FT",
    "LP-LoRA",
    "FACT w/o FroFA",
    "FACT",
    "L3FACT w/o FroFA",
    "L3FACT",
]
BACKBONES = ["vit_small_dino", "vil2_small"]
BUDGETS = ["1pct", "2pct", "5pct"]
PAINT = "return performance.getEntriesByName('first-contentful-paint')[0].startTime / 1000"


def overlay(seeds: int) -> dict:
    datasets = ["cifar10", "cifar100", "fgvc_aircraft", "stanford_cars"]
    return {
        "run": {
            "datasets": datasets,
            "methods": METHODS,
            "selectors": ["activeft", "random"],
            "seeds": list(range(seeds)),
            "report": ["selection", "distortion"],
        },
        "datasets": {name: {"backbones": BACKBONES, "budgets": BUDGETS} for name in datasets},
    }


def opened(path: Path) -> tuple[float, float, float]:
    """Seconds until the page can be used, of its main thread's processor, and until something is seen."""
    with browser() as driver:
        driver.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
        start = time.perf_counter()
        page = Page(driver, path).settle()
        usable = time.perf_counter() - start
        metrics = driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
        busy = next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration")
        return usable, busy, float(page.run(PAINT))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--classes", type=int, default=100)
    parser.add_argument("--epochs", type=int, default=300)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        config = run_config(overlay(asked.seeds))
        classes = [f"class {number}" for number in range(asked.classes)]
        write_run(config, classes, pool=10_000, test=5_000, epochs=asked.epochs)
        start, cpu = time.perf_counter(), time.process_time()
        from fact.config.cells import run_scores
        from fact.report.page.contents import report_page

        text = report_page(config)
        wall, cpu = time.perf_counter() - start, time.process_time() - cpu
        print(f"{len(run_scores(config))} scores: built in {wall:.1f} s wall, {cpu:.1f} s processor")
        path = Path(folder, "index.html")
        path.write_text(text, "utf-8")
        print(f"page of {path.stat().st_size / 2**20:.2f} MiB")
        if all(map(shutil.which, PROGRAMS)):
            usable, busy, seen = zip(*(opened(path) for _ in range(3)), strict=True)
            print(f"usable after {statistics.median(usable):.2f} s, median of {[f'{s:.2f}' for s in usable]}")
            print(f"of that the page's main thread computed {statistics.median(busy):.2f} s")
            print(f"the answer and the first figure seen after {statistics.median(seen):.2f} s")
        os.chdir(REPOSITORY)


if __name__ == "__main__":
    main()
