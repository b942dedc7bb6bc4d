"""``fact plan`` and ``fact rates``: what a run will take, from what runs took."""

from pathlib import Path
from typing import Annotated

import typer

from fact.commands.columns import print_json
from fact.commands.errors import plain_errors
from fact.commands.options import AsJson, Overlays, Results, settled

Device = Annotated[str | None, typer.Option(help="Rates that come with FACT: h200, a100 or cpu (two cores).")]
ProfileFile = Annotated[Path | None, typer.Option(help="The cluster's profile; else slurm/profile.v9+.yaml.")]


@plain_errors()
def plan(
    targets: Annotated[list[str] | None, typer.Argument(help="Tables, datasets or files.")] = None,
    configfile: Overlays = None,
    rates: Annotated[Path | None, typer.Option(help="Rates that `fact rates` or `fact smoke` wrote.")] = None,
    device: Device = None,
    profile: ProfileFile = None,
    results: Results = Path("results"),
    as_json: AsJson = False,
) -> None:
    """Say how many jobs, hours and bytes a run will take, and which jobs cannot fit. What is done takes none.

    Without --rates and --device it uses the times in the results, if there are any, else those of an H200.
    """
    from fact.commands.planning.chosen_pace import chosen_pace
    from fact.commands.planning.jobs import planned_jobs
    from fact.commands.planning.judge import judge
    from fact.commands.planning.report import plain_report, report
    from fact.commands.planning.requests import PlannedSizes

    sizes = PlannedSizes(settled(configfile or []), results)
    chosen = chosen_pace(sizes, rates, device)
    jobs = planned_jobs(targets or ["all_tables"], configfile or [])
    verdict = judge(jobs, sizes, chosen.pace, profile)
    if as_json:
        print_json(plain_report(verdict, chosen))
    else:
        print("\n".join(report(verdict, chosen)))


@plain_errors()
def rates(
    out: Annotated[Path, typer.Argument(help="The record to write (.json).")],
    configfile: Overlays = None,
    results: Results = Path("results"),
) -> None:
    """Write down how long a unit of each kind of work took, for `fact plan` elsewhere."""
    from fact.commands.planning.rates import measure_rates, write_rates
    from fact.commands.planning.sizes import Sizes

    result = measure_rates(Sizes(settled(configfile or []), results))
    write_rates(out, result)
    print(f"{len(result.rates)} rates, measured on {result.device}: {out}")
