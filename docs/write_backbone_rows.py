"""Compute what `fact backbones` lists of the shipped backbones: `make sizes`."""

from fact.commands.planning.backbone_row import STORED, stored_text
from fact.commands.planning.parameters import backbone_row
from fact.config.registries import with_registries
from fact.infra.files.shipped import workflow_folder

if __name__ == "__main__":
    entries = with_registries({}, workflow_folder() / "config")["backbones"]
    rows = {name: backbone_row(name, entry) for name, entry in entries.items()}
    STORED.write_text(stored_text(rows, entries), "utf-8")
