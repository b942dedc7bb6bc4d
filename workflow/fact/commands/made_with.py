"""Find the record of the job that wrote a file of the results."""

from pathlib import Path

TIMING, MADE_BY = "timing.json", "made_by.json"
# one job writes several files, and one record for all of them
OF_THE_STAGE = {
    **dict.fromkeys(
        ("score.json", "head.safetensors", "checkpoint.safetensors", "shown.safetensors"), TIMING
    ),
    **dict.fromkeys(("refined_labelled.h5", "refined_test.h5"), f"refined.{TIMING}"),
    "maps_labelled.h5": f"maps.{TIMING}",
    **dict.fromkeys(("model.safetensors", "config.json"), MADE_BY),
}


def record_of_job(path: Path) -> Path | None:
    """Return the file that says what made ``path``; None where there is none, or it is one itself."""
    own = [f"{path.stem}.{TIMING}", f"{path.stem}.{MADE_BY}"]
    shared = [OF_THE_STAGE[path.name]] if path.name in OF_THE_STAGE else []
    beside = [path.with_name(name) for name in [*own, *shared]]
    return next((record for record in beside if record.is_file()), None)
