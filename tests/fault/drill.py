"""Kill a run again and again; the same command must finish it with the results of an undisturbed run.

    python tests/fault/drill.py [--kills 200] [--seed 0]

Every round starts the same command in the same checkout and kills, after a random time, one of its jobs, the
driver alone (its jobs live on as orphans) or all of them; now and then ``.snakemake`` is deleted on top. A
finished run is compared byte by byte with an undisturbed one, and the next begins from nothing.
"""

import argparse
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow"))
from checkout import environment, prepared
from waiting import wait_for

OVERLAY = """
run: {seeds: [0], selectors: [activeft], methods: [LR-frozen, LP-FT, FACT], resume_minutes: 0.001}
datasets: {digits: {backbones: [vit_digits], budgets: [20img]}}
selectors: {activeft: {params: {iterations: 20}}}
recipes: {lp-ft: {epochs: 30}}
"""
COMMAND = ("snakemake", "--cores", "2", "--configfile", "drill.yaml")
# what differs between runs of the same work: times, logs, and tables of times
VOLATILE = ("timing.json", "made_by.json", ".log", ".run.lock", ".run-code.json")
VICTIMS = ("job", "driver", "both")


class Drill:
    """One checkout that is run and killed, and the checksums of an undisturbed run."""

    def __init__(self, folder: Path, seed: int, undisturbed: Path | None = None) -> None:
        """``undisturbed``: a checkout in which the same work has been done, if there is one."""
        self.checkout = prepared(folder / "checkout", OVERLAY, "drill.yaml")
        self.random = random.Random(seed)
        self.killed: Counter[str] = Counter()
        self.finished = 0
        self.lost: list[str] = []
        self.expected = checksums(undisturbed) if undisturbed else self._undisturbed()

    def kill_until(self, kills: int) -> None:
        """Kill so many times, then let the run finish."""
        while self.killed.total() < kills:
            self._round()
        self._finish()

    def summary(self) -> str:
        stages = ", ".join(f"{name} {count}" for name, count in sorted(self.killed.items()))
        return (
            f"kills: {self.killed.total()} ({stages}); finished runs compared: {self.finished}; "
            f"lost or different results: {len(self.lost)}"
        )

    def _undisturbed(self) -> dict[str, str]:
        self._run()
        found = checksums(self.checkout)
        self._wipe()
        return found

    def _round(self) -> None:
        driver = self._start()
        with suppress(subprocess.TimeoutExpired):
            driver.wait(self.random.uniform(1.5, 9.0))
        if driver.returncode is not None:
            self._compare(driver.returncode)
            return
        self._kill(driver, self.random.choice(VICTIMS))
        driver.wait()
        if self.random.random() < 0.15:
            shutil.rmtree(self.checkout / ".snakemake", ignore_errors=True)

    def _kill(self, driver: subprocess.Popen, victim: str) -> None:
        jobs = dict(jobs_of(self.checkout))
        chosen = list(jobs) if victim == "both" else self.random.sample(sorted(jobs), min(1, len(jobs)))
        if victim != "job" or not jobs:
            driver.kill()
        if victim != "driver":
            for process in chosen:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
        running = "+".join(sorted({jobs[process] for process in chosen})) or "no job"
        self.killed[f"{victim} during {running}"] += 1

    def _finish(self) -> None:
        for _ in range(3):
            if self._run(succeeds=False).returncode == 0:
                break
        self._compare(0)

    def _compare(self, code: int) -> None:
        """A killed job fails its run, which is no fault; a finished run must have every byte."""
        if code:
            return
        wait_for_orphans(self.checkout)
        found = checksums(self.checkout)
        self.lost += [name for name in self.expected | found if self.expected.get(name) != found.get(name)]
        self.finished += 1
        self._wipe()

    def _wipe(self) -> None:
        for name in ("results", ".snakemake"):
            shutil.rmtree(self.checkout / name, ignore_errors=True)

    def _start(self) -> subprocess.Popen:
        with (self.checkout / "drill.log").open("a") as log:
            return subprocess.Popen(
                COMMAND, cwd=self.checkout, env=environment(self.checkout), stdout=log, stderr=log
            )

    def _run(self, succeeds: bool = True) -> subprocess.CompletedProcess:
        done = subprocess.run(
            COMMAND, cwd=self.checkout, env=environment(self.checkout), capture_output=True, text=True
        )
        if succeeds and done.returncode:
            raise RuntimeError(done.stdout + done.stderr)
        return done


def checksums(checkout: Path) -> dict[str, str]:
    """sha256 of every result that the same work must reproduce to the byte."""
    files = [path for path in (checkout / "results").rglob("*") if path.is_file()]
    return {
        str(path.relative_to(checkout)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if not path.name.endswith(VOLATILE) and "scores" not in path.parts and path.name != "README.md"
    }


def jobs_of(checkout: Path) -> Iterator[tuple[int, str]]:
    """Processes that run a rule's script in the checkout, and the rule's name."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
            script = next((word for word in words if "/.snakemake/scripts/tmp" in word), None)
            if script and Path(os.readlink(folder / "cwd")) == checkout and "python" in words[0]:
                yield int(folder.name), script.rsplit(".", 2)[1]


def wait_for_orphans(checkout: Path) -> None:
    otherwise = f"jobs of a dead driver in {checkout} do not end"
    wait_for(lambda: not dict(jobs_of(checkout)), otherwise)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        drill = Drill(Path(folder), options.seed)
        drill.kill_until(options.kills)
        print(drill.summary())
        sys.exit(bool(drill.lost))


if __name__ == "__main__":
    main()
