"""``fact select``: a selection from a features file alone."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from fact.commands.errors import plain_errors
from fact.commands.options import Registries, spread_options


@dataclass(frozen=True)
class Request:
    """What is to be selected, by the options of ``fact select``."""

    budget: Annotated[str, typer.Option(help="How many images: 100img or 0.5pct.")]
    selector: Annotated[str, typer.Option(help="A selector of config/selectors.yaml.")] = "activeft"
    seed: Annotated[int, typer.Option(min=0, help="Of the selector's random numbers.")] = 0
    already_labelled: Annotated[
        Path | None, typer.Option(help="A CSV with a column sample_id; the selection goes on from these.")
    ] = None
    near_duplicates: Annotated[
        float | None, typer.Option(help="Cosine from which on an image is a copy of another, such as 0.95.")
    ] = None


@plain_errors()
@spread_options
def select(
    features: Annotated[Path, typer.Argument(help="Features of the pool (.h5).")],
    out: Annotated[Path, typer.Argument(help="The selection to write (.csv).")],
    *,
    request: Request,
    registries: Registries,
) -> None:
    """Select from a features file alone: which images to label, or which to label next."""
    from fact.selection.from_file import select_from_file

    selector = request.selector
    declared = dict(registries.chosen("selectors", [selector])[selector])
    if request.near_duplicates is not None:
        declared["near_duplicates"] = request.near_duplicates
    count = select_from_file(
        features,
        out,
        selector,
        declared=declared,
        budget=request.budget,
        seed=request.seed,
        labelled=request.already_labelled,
    )
    print(f"{count} images: {out}")
