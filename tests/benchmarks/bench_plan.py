"""How well `fact plan` foresees a run: estimated and measured seconds by rule, from results that are there.

    python tests/benchmarks/bench_plan.py --configfile config/cifar10_tables.yaml --from table1 --to table2

In the folder of a run. Rates come from the timing files in the cells of one target (a table or a dataset);
what they say of the jobs in the cells of the other is compared with the timing files of these. Nothing runs.
"""

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from fact.commands.options import settled
from fact.commands.planning.estimate import Estimate, estimate, left_out
from fact.commands.planning.jobs import Job
from fact.commands.planning.rates import rates_of, timed_jobs
from fact.commands.planning.sizes import Sizes
from fact.config.cells import Cell, table_cells

Timed = tuple[Job, dict]


def of_target(timed: Sequence[Timed], sizes: Sizes, target: str) -> list[Timed]:
    """Those whose cell is one of the target's."""
    cells = set(table_cells(sizes.config, target))
    found = [(job, timing) for job, timing in timed if _cell(job) in cells]
    if not found:
        raise SystemExit(f"no job of {target} left its times in {sizes.results}; run it first")
    return found


def compared(estimated: Estimate, jobs: Sequence[Timed]) -> list[str]:
    """A line a rule, and one of all: jobs, seconds estimated and measured, ratio."""
    measured: Counter = Counter()
    for job, timing in jobs:
        measured[job.rule] += timing["job_seconds"]
    rows = [(rule, estimated.jobs[rule], estimated.seconds[rule], measured[rule]) for rule in estimated.jobs]
    rows.append(("all", len(jobs), sum(estimated.seconds.values()), measured.total()))
    lines = [f"{'rule':<26} {'jobs':>5} {'estimated s':>12} {'measured s':>12} {'ratio':>7}"]
    return lines + [f"{name:<26} {n:>5} {e:>12.1f} {m:>12.1f} {e / m:>7.2f}" for name, n, e, m in rows]


def _cell(job: Job) -> Cell:
    return Cell(**{key: job.names[key] for key in Cell._fields} | {"seed": int(job.names["seed"])})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--configfile", type=Path, nargs="*", default=[])
    parser.add_argument("--results", type=Path, default=Path("results"))
    parser.add_argument("--from", dest="source", metavar="TARGET")
    parser.add_argument("--to", dest="target", metavar="TARGET")
    asked = parser.parse_args()
    if not (asked.source and asked.target):
        print("bench_plan.py compares two targets of a finished run: give --from and --to")
        return
    sizes = Sizes(settled(asked.configfile), asked.results)
    timed = timed_jobs(sizes)
    known = rates_of(of_target(timed, sizes, asked.source), sizes)
    jobs = of_target(timed, sizes, asked.target)
    found = estimate([job for job, _ in jobs], sizes, known)
    print("\n".join([*compared(found, jobs), *left_out(found.unmeasured)]))
    print(f"rates of {asked.source}, measured on {known.device}")


if __name__ == "__main__":
    main()
