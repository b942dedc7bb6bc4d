from pathlib import Path

import pytest
from fact.commands.planning.backbone_row import STORED, stored_row, stored_text
from fact.commands.planning.parameters import backbone_row
from fact.config.registries import with_registries

ENTRIES = with_registries({}, Path(__file__).parents[4] / "config")["backbones"]


@pytest.mark.slow
def test_stored_rows_are_those_that_would_be_computed() -> None:
    rows = {name: backbone_row(name, entry) for name, entry in ENTRIES.items()}
    assert stored_text(rows, ENTRIES) == STORED.read_text("utf-8"), "run: make sizes"
    assert {name: stored_row(name, entry) for name, entry in ENTRIES.items()} == rows


@pytest.mark.parametrize("change", [{"image_size": 64}, {"model_args": {"depth": 1}}, {"model": "vit_x"}])
def test_a_changed_entry_has_no_stored_row(change: dict) -> None:
    assert stored_row("vit_digits", ENTRIES["vit_digits"] | change) is None
    assert stored_row("other name", ENTRIES["vit_digits"]).parameters == 801_664
