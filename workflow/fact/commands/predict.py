"""``fact predict``: a model on a folder of images."""

from pathlib import Path
from typing import Annotated

import typer

from fact.commands.errors import plain_errors


@plain_errors()
def predict(
    model: Annotated[Path, typer.Argument(help="The model's folder, results/models/…")],
    folder: Annotated[Path, typer.Argument(help="Images, at any depth below.")],
    out: Annotated[Path, typer.Option(help="The table to write (.csv).")],
    top_k: Annotated[int, typer.Option(min=1, help="Likeliest classes to name.")] = 3,
    batch_size: Annotated[int, typer.Option(min=1, help="Images at once.")] = 64,
) -> None:
    """Predict every image of a folder. A file that cannot be predicted is listed with its reason.

    Started again, it goes on where it stopped.
    """
    import os

    from fact.model.likeness import Seen, read_profile
    from fact.model.loaded import load_model
    from fact.model.predictions import predict_folder

    loaded = load_model(model)
    workers = len(os.sched_getaffinity(0))
    profile = read_profile(model)
    seen = Seen(profile) if profile else None
    counts = predict_folder(
        loaded, folder, out, top_k=top_k, batch_size=batch_size, workers=workers, seen=seen
    )
    print(", ".join(f"{count} {outcome}" for outcome, count in counts.items()) + f": {out}")
    for warning in seen.warnings() if seen else []:
        print(f"beware: {warning}")
