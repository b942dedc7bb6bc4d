"""The selector that docs/selectors.md shows is a selector."""

import re
from pathlib import Path

import numpy as np
from pools import clustered_pool

PAGE = Path(__file__).parents[3] / "docs/selectors.md"


def test_the_documented_selector_keeps_the_contract() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    module: dict = {}
    exec(code, module)
    pool = clustered_pool(30, 6, 3)
    found = module["select"](pool, 5, 0, labelled=np.array([2, 7]))
    assert len(set(found.indices.tolist()) - {2, 7}) == 5
    unit = pool / np.linalg.norm(pool, axis=1, keepdims=True)
    cosines = np.delete(unit @ unit.mean(axis=0), [2, 7])
    assert np.allclose(found.scores, np.sort(cosines)[::-1][:5], atol=1e-5)
