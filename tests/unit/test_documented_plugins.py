"""The plug-ins that docs/plugins.md shows keep their contracts."""

import re
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
import torch
from fact.data.manifest import MANIFEST_COLUMNS
from fact.selection.probabilities import Probabilities
from pools import clustered_pool
from vits import classifier

PAGE = Path(__file__).parents[2] / "docs/plugins.md"
POOL, LABELLED = clustered_pool(40, 8, 4), np.array([0, 11, 22], np.int64)


@pytest.fixture(scope="module")
def plugins() -> dict[str, SimpleNamespace]:
    """The modules that the page shows, by the names of their files."""
    text = PAGE.read_text("utf-8")
    names = re.findall(r"^## .*`workflow/fact/.*/(\w+)\.py`$", text, re.MULTILINE)
    modules = {}
    for name, code in zip(names, re.findall(r"```python\n(.*?)```", text, re.DOTALL), strict=True):
        module = ModuleType(name)
        exec(compile(code, name, "exec"), vars(module))
        modules[name] = module
    return modules


def test_a_source_indexes_what_it_reads(plugins: dict[str, ModuleType]) -> None:
    source = plugins["stripes"]
    index = source.index(None, images=8)
    assert tuple(index.rows.columns) == MANIFEST_COLUMNS and set(index.rows["split"]) == {"pool", "test"}
    shapes = {source.read_image(None, locator).shape for locator in index.rows["locator"]}
    assert shapes == {(16, 16, 3)} and index.classes == ["upright", "lying"]


def test_a_second_step_picks_distinct_new_rows(plugins: dict[str, ModuleType]) -> None:
    probabilities = np.random.default_rng(0).dirichlet(np.ones(3), 40)
    picks = plugins["likeliest"].select(POOL, Probabilities.of_array(probabilities), LABELLED, 6, 0).indices
    assert len(set(picks.tolist()) | set(LABELLED.tolist())) == 9
    assert (
        picks[0] == np.delete(np.arange(40), LABELLED)[np.delete(probabilities, LABELLED, 0).max(1).argmax()]
    )


def test_a_calibration_labels_images_without_a_label(plugins: dict[str, ModuleType]) -> None:
    pseudo = plugins["nearest"].calibrate(POOL, LABELLED, np.array([2, 0, 1]), 3, 0)
    assert pseudo.labels.tolist() == [2, 0, 1] and pseudo.sources.tolist() == LABELLED.tolist()
    assert len(set(pseudo.indices.tolist()) | set(LABELLED.tolist())) == 6


def test_an_augmentation_stays_in_the_unit_interval(plugins: dict[str, ModuleType]) -> None:
    fade, x = plugins["fade"], torch.rand(3, 2, 2, 4)
    u = torch.rand(3, fade.numbers((2, 2, 4), "c")) * 2 - 1
    changed = fade.change(x, u, 1.0)
    assert torch.equal(fade.change(x, u, 0.0), x)
    assert ((changed - 0.5).abs() <= (x - 0.5).abs() + 1e-6).all() and not torch.equal(changed, x)


def test_a_tuner_restores_what_it_trained(plugins: dict[str, ModuleType]) -> None:
    tuner = plugins["bias"]
    model = tuner.prepare(classifier()[0], tuner.Settings())
    trained = tuner.trained_tensors(model)
    assert 0 < len(trained) < len(list(model.parameters()))
    restored = tuner.restore(
        classifier()[0], tuner.Settings(), {name: value + 1 for name, value in trained.items()}
    )
    after = dict(restored.named_parameters())
    assert all(torch.equal(after[name], value + 1) for name, value in trained.items())
