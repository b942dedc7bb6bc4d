"""The kept segmentations of several methods brought together with their images and truths."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pandas as pd

from fact.data.contract import accepted_options, load_source
from fact.data.selection_file import chosen_rows
from fact.infra.files.record import read_record
from fact.tasks.segmentation.model_files import load_shown
from fact.tasks.segmentation.panels import Panel


def read_panels(source: Path | str, manifest: pd.DataFrame, settings: Mapping) -> dict[str, list[Panel]]:
    """Panels by section. ``settings``: ``source``, ``options``, and ``sections``, method to file by name."""
    module, root = load_source(settings["source"]), Path(read_record(source)["root"])
    options = settings["options"]
    read_image = partial(module.read_image, root, **accepted_options(module.read_image, options))
    read_mask = partial(module.read_mask, root, **accepted_options(module.read_mask, options))
    sections = {}
    for name, files in settings["sections"].items():
        shown = {method: load_shown(Path(path)) for method, path in files.items()}
        ids = list(dict.fromkeys(sample for masks in shown.values() for sample in masks))
        rows = chosen_rows(manifest, sorted(ids), Path(next(iter(files.values()))))
        sections[name] = [
            Panel(
                row.sample_id,
                read_image(row.locator, row.sha256),
                read_mask(row.locator),
                {m: masks[row.sample_id].numpy() for m, masks in shown.items() if row.sample_id in masks},
            )
            for row in rows.itertuples(index=False)
        ]
    return sections
