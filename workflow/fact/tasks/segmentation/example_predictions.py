"""Bring the example predictions of several methods together with their images and truths."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pandas as pd

from fact.data.contract import accepted_options, load_source
from fact.data.manifest import manifest_rows
from fact.data.selection_file import chosen_rows
from fact.infra.fields import Settings
from fact.infra.files.record import read_record
from fact.tasks.segmentation.model_files import load_examples
from fact.tasks.segmentation.panels import Panel


class PanelReader:
    """The images and true masks of a source, and the example predictions of methods.

    ``source``: the path of source.json. ``name`` and ``options``: the module of the source and its options.
    """

    def __init__(self, source: Path | str, name: str, options: Settings, manifest: pd.DataFrame) -> None:
        module, root = load_source(name), Path(read_record(source)["root"])
        self.manifest = manifest
        self.read_image = partial(module.read_image, root, **accepted_options(module.read_image, options))
        self.read_mask = partial(module.read_mask, root, **accepted_options(module.read_mask, options))

    def sections(self, files: Mapping[str, Mapping[str, str]]) -> dict[str, list[Panel]]:
        """Return panels by section, from files of predictions by section and method."""
        return {name: self.panels(of_methods) for name, of_methods in files.items()}

    def panels(self, files: Mapping[str, str]) -> list[Panel]:
        """Return a panel for each image that a method has kept; ``files`` by method."""
        examples = {method: load_examples(Path(path)) for method, path in files.items()}
        ids = {sample_id for masks in examples.values() for sample_id in masks}
        rows = chosen_rows(self.manifest, sorted(ids), Path(next(iter(files.values()))))
        return [
            Panel(
                row.sample_id,
                self.read_image(row.locator, row.sha256),
                truth=self.read_mask(row.locator),
                predicted={
                    m: masks[row.sample_id].numpy() for m, masks in examples.items() if row.sample_id in masks
                },
            )
            for row in manifest_rows(rows)
        ]
