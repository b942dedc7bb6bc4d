"""An estimate as lines to print."""

from textwrap import wrap

from fact.commands.planning.chosen_pace import Chosen
from fact.commands.planning.estimate import FAR, Estimate
from fact.commands.planning.judge import Verdict, judgement


def report(verdict: Verdict, chosen: Chosen) -> list[str]:
    """Return lines: what to beware of, hours by rule, totals, jobs that cannot fit, disk, borrowed rates."""
    found = verdict.estimate
    rules = sorted(found.jobs, key=lambda rule: -found.seconds[rule])
    lines = [*cautions(found, chosen), f"{'rule':<24} {'jobs':>7} {'hours':>10}"]
    lines += [f"{rule:<24} {found.jobs[rule]:>7} {found.seconds[rule] / 3600:>10.2f}" for rule in rules]
    total = sum(found.seconds.values())
    lines += [f"{'total':<24} {found.jobs.total():>7} {total / 3600:>10.2f}", ""]
    others = (total - found.on_gpu) / 3600
    lines += [f"jobs that want a GPU: {found.on_gpu / 3600:.2f} hours; others: {others:.2f} hours"]
    lines += [
        f"under Slurm {verdict.submissions:,} submissions, which hold a GPU {verdict.gpu_hours:.1f} hours, "
        f"cores alone {verdict.cpu_hours:.1f}",
        *judgement(verdict.beyond),
        *left_out(found.unmeasured),
        "",
    ]
    kinds = sorted(found.disk, key=lambda kind: -found.disk[kind])
    lines += [f"{kind:<26} {_readable(found.disk[kind]):>10}" for kind in kinds]
    lines += [f"{'disk, without downloads':<26} {_readable(sum(found.disk.values())):>10}", ""]
    lines += [f"rates: {chosen.said}"]
    borrowed = sorted(found.borrowed.items())
    return lines + [line for (rule, source), users in borrowed for line in _borrowed(rule, source, users)]


def plain_report(verdict: Verdict, chosen: Chosen) -> dict[str, object]:
    """Return the same as plain JSON: jobs and seconds by rule, bytes by kind, jobs beyond the profile."""
    found = verdict.estimate
    return {
        "jobs": dict(found.jobs),
        "seconds": found.seconds,
        "bytes": found.disk,
        "unmeasured": {rule: sorted(phases) for rule, phases in found.unmeasured.items()},
        "stretched": found.stretched,
        "measured_on": chosen.pace.device,
        "caution": chosen.caution,
        "submissions": verdict.submissions,
        "gpu_hours": verdict.gpu_hours,
        "cpu_hours": verdict.cpu_hours,
        "beyond": [beyond._asdict() | {"job": beyond.job._asdict()} for beyond in verdict.beyond],
    }


def cautions(found: Estimate, chosen: Chosen) -> list[str]:
    """Return what is to be known before any number is believed."""
    said = [chosen.caution] if chosen.caution else []
    if found.stretched:
        said.append(
            f"a guess: {found.stretched} of {found.jobs.total()} jobs are more than {FAR} times as large as "
            "what was measured; measure larger ones (fact smoke), or take FACT's own rates (--device)"
        )
    return [line for text in said for line in wrap(text, 110, subsequent_indent="  ")] + [""] * bool(said)


def left_out(unmeasured: dict[str, set[str]]) -> list[str]:
    """Return what no rate was found for, as lines to print."""
    if not unmeasured:
        return []
    phases = (f"{rule} ({', '.join(sorted(phases))})" for rule, phases in sorted(unmeasured.items()))
    said = f"not measured, not in these hours: {', '.join(phases)}; run a small configuration that has them"
    return wrap(said, 110, subsequent_indent="  ")


def _borrowed(rule: str, source: str, users: set[str]) -> list[str]:
    said = f"{rule}: the rate of {source} stands for {', '.join(sorted(users))}"
    return wrap(said, 110, initial_indent="  ", subsequent_indent="    ")


def _readable(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} TB"
