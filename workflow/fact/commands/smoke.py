"""``fact smoke``: a small run of every size, to measure a machine before a large run."""

from pathlib import Path
from typing import Annotated

import typer

from fact.commands.errors import plain_errors
from fact.commands.options import Overlays, settled

FOLDER = Path("results/smoke")


@plain_errors()
def smoke(
    configfile: Overlays = None,
    profile: Annotated[str | None, typer.Option(help="A profile of Snakemake, such as slurm.")] = None,
    cores: Annotated[str, typer.Option(help="Cores to use without a profile, or all.")] = "all",
    out: Annotated[Path, typer.Option(help="Where to write the rates.")] = FOLDER / "rates.json",
) -> None:
    """Train the largest cell of each dataset and backbone for two epochs; say how fast, and write rates.

    It works in results/smoke/, with the data and weights of results/ where they are there.
    """
    from fact.commands.planning.rates import measure_rates, write_rates
    from fact.commands.planning.sizes import Sizes
    from fact.commands.planning.smoke_report import smoke_report
    from fact.commands.planning.smoke_run import run_smoke

    overlays = run_smoke(configfile or [], FOLDER, ["--profile", profile] if profile else ["--cores", cores])
    sizes = Sizes(settled(overlays), FOLDER / "results")
    rates = measure_rates(sizes)
    write_rates(out, rates)
    print("\n".join(smoke_report(sizes)))
    print(f"{len(rates.rates)} rates, measured on {rates.device}; next: fact plan --rates {out}")
