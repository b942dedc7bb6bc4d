"""How much faster ActiveFT is than its formula written down plainly, and whether it finds the same loss.

Run by hand: ``python tests/benchmarks/bench_activeft.py --help``. Each measurement has its own process, so
that the plain formula's (N, B) matrices do not count as the fast one's memory. The fast one runs all
``--iterations``, refreshes and all; the plain one takes the same time in each, so a few are measured. On a
busy machine compare the processor seconds, with ``--threads 1``. ``--check`` also runs all iterations with
the exact product at each, and compares the last losses. ``--faiss`` adds faiss's K-Means with as many
centres and 20 iterations, the quick way to spread picks; it needs ``pip install faiss-cpu``.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor

import numpy as np
import torch
from fact.selection.algorithms.assignment import ExactAssignment
from fact.selection.algorithms.candidate_assignment import CandidateAssignment
from fact.selection.algorithms.centroids import Fit, Objective, fit_centroids
from fact.selection.algorithms.nearest_images import nearest_images
from fact.selection.algorithms.open_assignment import CANDIDATES
from fact.selection.algorithms.pool import unit_rows
from fact.selection.algorithms.threads import workers

PUBLISHED = {"temperature": 0.07, "balance": 1.0, "learning_rate": 1e-3}


def main() -> None:
    options = _options()
    if options.measure:
        torch.set_num_threads(options.threads)
        print(json.dumps(MEASURES[options.measure](options)))
        return
    print(
        f"{os.cpu_count()} cores, {options.threads} threads, torch {torch.__version__}, {options.data} pool"
    )
    for budget in options.budgets:
        fast, plain = (_in_process(measure, budget) for measure in ("fast", "plain"))
        _report(options, budget, fast, plain)
        if options.check:
            _compare(fast, _in_process("exact", budget))
        if options.faiss:
            kmeans = _in_process("faiss", budget)
            times = f"{kmeans['wall']:.1f} s, processor {kmeans['cpu']:.1f} s"
            print(f"  faiss {kmeans['version']} K-Means: {times}")


def _report(options: argparse.Namespace, budget: int, fast: dict, plain: dict) -> None:
    shared = min(len(fast["losses"]), len(plain["losses"]))
    apart = abs(fast["losses"][shared - 1] / plain["losses"][shared - 1] - 1)
    print(
        f"N {options.images}, D {options.channels}, B {budget}, seconds per iteration (wall, processor):\n"
        f"  plain {plain['wall']:.3f} {plain['cpu']:.3f}; fast {fast['wall']:.3f} {fast['cpu']:.3f}; "
        f"ratio {plain['wall'] / fast['wall']:.1f} {plain['cpu'] / fast['cpu']:.1f}\n"
        f"  loss after {shared} iterations {fast['losses'][shared - 1]:.7f}, {apart:.1e} from plain\n"
        f"  whole: {options.iterations} iterations in {fast['wall'] * options.iterations:.1f} s, "
        f"{fast['summary']}\n"
        f"  compile or load {fast['compile']:.1f} s, nearest images {fast['nearest_images']:.1f} s, "
        f"peak memory fast {fast['peak_mb']:.0f} MB, plain {plain['peak_mb']:.0f} MB",
        flush=True,
    )


def _compare(fast: dict, exact: dict) -> None:
    ours, theirs = fast["losses"][-1], exact["losses"][-1]
    print(
        f"  with the exact product each time {exact['wall']:.3f} {exact['cpu']:.3f}; "
        f"last loss {theirs:.7f}, FACT's {ours:.7f}, {abs(ours / theirs - 1):.1e} from it",
        flush=True,
    )


def measure_fast(options: argparse.Namespace) -> dict:
    """Candidate lists: times and losses."""
    pool, theta = _problem(options)
    with workers() as executor:
        compile_time, _ = _timed(lambda: _fit(pool[:100], theta[:9], 4, options, executor))
        times, (fit, summary) = _timed(lambda: _fit(pool, theta, options.iterations, options, executor))
    read_out_time, _ = _timed(lambda: nearest_images(pool, fit.centroids))
    return _per_iteration(times, options.iterations) | {
        "losses": fit.losses,
        "summary": summary,
        "compile": compile_time["wall"],
        "nearest_images": read_out_time["wall"],
        "peak_mb": _peak_mb(),
    }


def _fit(
    pool: torch.Tensor, theta: torch.Tensor, iterations: int, options: argparse.Namespace, executor: Executor
) -> tuple[Fit, str]:
    assignment = CandidateAssignment(pool, options.candidates, executor)
    return fit_centroids(
        theta, assignment, Objective(iterations=iterations, **PUBLISHED)
    ), assignment.summary()


def measure_exact(options: argparse.Namespace) -> dict:
    """The exact product at each iteration, with the gradient in closed form."""
    pool, theta = _problem(options)
    times, fit = _timed(
        lambda: fit_centroids(
            theta, ExactAssignment(pool), Objective(iterations=options.iterations, **PUBLISHED)
        )
    )
    return _per_iteration(times, options.iterations) | {"losses": fit.losses}


def measure_plain(options: argparse.Namespace) -> dict:
    """The released code's formula: the whole (N, B) exponential, autograd and torch's Adam."""
    pool, theta = _problem(options)
    theta = torch.nn.Parameter(theta.clone())
    optimizer = torch.optim.Adam([theta], lr=PUBLISHED["learning_rate"])

    def step() -> float:
        centroids = torch.nn.functional.normalize(theta, dim=1)
        best, assigned = torch.exp(pool @ centroids.T / 0.07).max(dim=1)
        others = torch.exp(centroids.detach() @ centroids.T / 0.07).sum(dim=0)
        loss = -(torch.log(best) - torch.log(best + others[assigned])).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    first = step()  # not timed: it imports parts of torch
    times, losses = _timed(lambda: [step() for _ in range(options.plain_iterations)])
    return _per_iteration(times, options.plain_iterations) | {
        "losses": [first, *losses],
        "peak_mb": _peak_mb(),
    }


def measure_faiss(options: argparse.Namespace) -> dict:
    """K-Means of faiss on all images: 20 iterations of Lloyd."""
    import faiss

    pool, _ = _problem(options)
    faiss.omp_set_num_threads(options.threads)
    # more points a centre than any pool has: all images are used
    kmeans = faiss.Kmeans(options.channels, options.budgets[0], niter=20, max_points_per_centroid=2**30)
    times, _ = _timed(lambda: kmeans.train(pool.numpy()))
    return times | {"version": faiss.__version__}


MEASURES = {"fast": measure_fast, "exact": measure_exact, "plain": measure_plain, "faiss": measure_faiss}


def _problem(options: argparse.Namespace) -> tuple[torch.Tensor, torch.Tensor]:
    """The pool (N, D) of unit rows and the first centroids (B, D)."""
    generator = np.random.default_rng(0)
    features = generator.standard_normal((options.images, options.channels), dtype=np.float32)
    if options.data == "clustered":
        centres = generator.standard_normal((200, options.channels), dtype=np.float32)
        features += centres[generator.integers(200, size=options.images)]
    pool = torch.from_numpy(unit_rows(features))
    return pool, pool[torch.from_numpy(generator.permutation(options.images)[: options.budgets[0]])]


def _timed(work: Callable[[], object]) -> tuple[dict[str, float], object]:
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}, result


def _per_iteration(times: dict[str, float], iterations: int) -> dict[str, float]:
    return {name: seconds / iterations for name, seconds in times.items()}


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _in_process(measure: str, budget: int) -> dict:
    command = [sys.executable, *sys.argv, "--measure", measure, "--budgets", str(budget)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=int, default=50_000)
    parser.add_argument("--channels", type=int, default=384)
    parser.add_argument("--budgets", type=int, nargs="+", default=[500, 1000, 2500])
    parser.add_argument("--iterations", type=int, default=300)
    parser.add_argument("--plain-iterations", type=int, default=5)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--faiss", action="store_true")
    parser.add_argument("--candidates", type=int, default=CANDIDATES)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--data", choices=["clustered", "noise"], default="clustered")
    parser.add_argument("--measure", choices=list(MEASURES), help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
