"""Where weights come from, as a configuration says it."""

import subprocess
import sys

import pytest
from fact.config.weights_source import is_url


@pytest.mark.parametrize(
    ("weights", "url"),
    [
        ("https://a/b.th", True),
        ("http://a/b.th", True),
        ("file:///a/b.th", True),
        ("/a/b.th", False),
        ("a.th", False),
        ("https.th", False),
        ("random", False),
    ],
)
def test_urls_are_told_from_paths(weights: str, url: bool) -> None:
    assert is_url(weights) == url


def test_a_command_learns_of_local_folders_without_torch() -> None:
    code = "import sys, fact.project.settings, fact.config.inputs; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not {"torch", "timm", "fact.backbones.weights"} & set(loaded.split())
