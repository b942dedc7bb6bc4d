import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
import torch
from fact.backbones.compiling import compile_in_place
from fact.backbones.extraction import extract
from small_training import linear, run
from small_vit import CPU, SPEC, some_images, vit

BROKEN = """
import torch
from fact.backbones.compiling import compiled
compiled(torch.sin, torch.device("cpu"))
"""


@pytest.fixture
def compiler(tmp_path, monkeypatch):
    """A compiler with a cache of its own."""
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))
    if shutil.which("g++") is None:
        pytest.skip("there is no C++ compiler")
    yield
    torch._dynamo.reset()


@pytest.mark.slow
def test_compiled_features_are_those_of_the_model(compiler):
    images = [some_images(3)]
    plain, grids = zip(*extract(vit(), images, SPEC, CPU, precision="fp32", tokens=True), strict=True)
    fast, tokens = zip(
        *extract(vit(), images, SPEC, CPU, precision="fp32", tokens=True, compile=True), strict=True
    )
    np.testing.assert_allclose(fast[0], plain[0], atol=1e-4)
    np.testing.assert_allclose(tokens[0], grids[0], atol=1e-4)


@pytest.mark.slow
def test_compiled_training_is_that_of_the_model(compiler):
    inputs, labels = torch.randn(8, 4, generator=torch.Generator().manual_seed(3)), torch.arange(8) % 3
    plain, fast = linear(4, 3), linear(4, 3)
    compile_in_place(fast, CPU)
    losses = [run(model, inputs, labels, epochs=2) for model in (plain, fast)]
    assert losses[1] == pytest.approx(losses[0], rel=1e-5) and fast.state_dict().keys() == {"weight", "bias"}
    torch.testing.assert_close(fast.state_dict(), plain.state_dict(), rtol=1e-5, atol=1e-6)


@pytest.mark.slow
def test_a_missing_compiler_is_one_clear_error(tmp_path):
    environment = {**os.environ, "CXX": "/nowhere/c++", "TORCHINDUCTOR_CACHE_DIR": str(tmp_path)}
    ran = subprocess.run([sys.executable, "-c", BROKEN], env=environment, capture_output=True, text=True)
    last = ran.stderr.strip().splitlines()[-1]
    assert ran.returncode == 1
    assert last.startswith("fact.infra.errors.MachineError: compile: torch cannot compile for cpu here (")
    assert last.endswith("install a C++ compiler for the CPU or Triton for a GPU, or set compile: false")
