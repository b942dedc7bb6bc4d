"""``fact plan`` and ``fact rates``: what a run will take, from what runs took."""

from pathlib import Path
from typing import Annotated

import typer

from fact.commands.columns import print_json
from fact.commands.errors import plain_errors
from fact.commands.options import AsJson, Overlays, Results, settled


@plain_errors()
def plan(
    targets: Annotated[list[str] | None, typer.Argument(help="Tables, datasets or files.")] = None,
    configfile: Overlays = None,
    rates: Annotated[
        Path | None, typer.Option(help="Rates that `fact rates` wrote; else from the results here.")
    ] = None,
    results: Results = Path("results"),
    as_json: AsJson = False,
) -> None:
    """Say how many jobs, hours and bytes a run will take; what is up to date takes none."""
    from fact.commands.planning.estimate import as_plain, estimate, report
    from fact.commands.planning.jobs import planned_jobs
    from fact.commands.planning.rates import measure_rates, read_rates
    from fact.commands.planning.sizes import Sizes

    sizes = Sizes(settled(configfile or []), results)
    known = read_rates(rates) if rates else measure_rates(sizes)
    jobs = planned_jobs(targets or ["all_tables"], configfile or [])
    result = estimate(jobs, sizes, known)
    if as_json:
        print_json(as_plain(result, known))
    else:
        print("\n".join(report(result, known)))


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
