import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from fact.features import extract
from test_features import CPU, SPEC, some_images, vit

BROKEN = """
import torch
from fact.compiling import compiled
compiled(torch.sin, torch.device("cpu"))
"""


@pytest.fixture
def compiler(tmp_path, monkeypatch):
    """A cache of its own, and eager execution where this machine has no compiler."""
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))
    torch._dynamo.reset()


def test_compiled_features_are_those_of_the_model(compiler):
    images = [some_images(3)]
    plain, grids = zip(*extract(vit(), images, SPEC, CPU, precision="fp32", tokens=True), strict=True)
    fast, tokens = zip(
        *extract(vit(), images, SPEC, CPU, precision="fp32", tokens=True, compile=True), strict=True
    )
    np.testing.assert_allclose(fast[0], plain[0], atol=1e-4)
    np.testing.assert_allclose(tokens[0], grids[0], atol=1e-4)


def test_a_missing_compiler_is_one_clear_error(tmp_path):
    environment = {**os.environ, "CXX": "/nowhere/c++", "TORCHINDUCTOR_CACHE_DIR": str(tmp_path)}
    ran = subprocess.run([sys.executable, "-c", BROKEN], env=environment, capture_output=True, text=True)
    last = ran.stderr.strip().splitlines()[-1]
    assert ran.returncode == 1
    assert last.startswith("RuntimeError: compile: torch cannot compile for cpu here (")
    assert last.endswith("install a C++ compiler for the CPU or Triton for a GPU, or set compile: false")
