"""Parameters of modules, read without importing them."""

import inspect
from dataclasses import fields

import pytest
from fact.config.plugin_parameters import GIVEN, modules, parameters
from fact.selection.contract import load_selector, selector_names
from fact.training.frofa.contract import operation_names


def test_they_are_those_that_python_finds() -> None:
    for name in selector_names():
        module = load_selector(name)
        named = [key for key in inspect.signature(module.select).parameters if key not in GIVEN]
        own = [field.name for field in fields(module.Parameters)] if named == ["params"] else named
        assert parameters("selection/selectors", name) == own
    assert modules("selection/selectors") == selector_names()


def test_every_package_with_a_contract_is_read() -> None:
    assert {"margin", "vecaf"} <= set(modules("selection/second_steps"))
    assert "mode" in parameters("selection/second_steps", "vecaf") and "text" not in parameters(
        "selection/second_steps", "vecaf"
    )
    assert parameters("selection/calibrations", "activedc")[0] == "alpha"
    assert modules("training/frofa/ops") == operation_names()


@pytest.mark.parametrize("module", ["contract", "absent", "../cli", "os.path", ""])
def test_other_modules_have_none(module: str) -> None:
    assert parameters("selection/selectors", module) is None
