"""Heads that stream the test images through the checkpoint score as heads that read their features."""

import json
from pathlib import Path

import pytest
import yaml
from checkout import TINY, WARM_SNAKEMAKE, prepared, runner
from fact.features.store import read_features

CELL = "results/runs/digits/vit_digits/activeft/20img/seed0"
HEADS = ("lp-ft/map", "lp-lora/auto")


@pytest.fixture(scope="module")
def streamed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    overlay = yaml.safe_load(TINY)
    overlay["run"]["keep_refined"] = False
    checkout = prepared(tmp_path_factory.mktemp("streamed"), yaml.safe_dump(overlay), "tiny.yaml")
    scores = [f"{CELL}/{head}/score.json" for head in HEADS]
    runner(checkout)(*WARM_SNAKEMAKE, "--cores", "2", "--configfile", "tiny.yaml", "--", *scores)
    return checkout


def test_scores_are_equal_and_no_tokens_stay(finished: Path, streamed: Path) -> None:
    for head in HEADS:
        here, there = (
            json.loads((site / CELL / head / "score.json").read_text()) for site in (streamed, finished)
        )
        for score in (here, there):
            del score["setting"]["code_version"], score["content_sha256"]
        assert here == there
        assert (streamed / CELL / head / "head.safetensors").stat().st_size > 1000
    left = list(streamed.glob("results/**/refined_*.h5"))
    assert {path.name for path in left} == {"refined_pool.h5"}  # vectors for the head auto
    assert all(read_features(path).tokens is None for path in left)


def test_nothing_is_left_to_do(streamed: Path) -> None:
    asked = ("-n", "--configfile", "tiny.yaml", "--", *(f"{CELL}/{head}/score.json" for head in HEADS))
    assert "Nothing to be done" in runner(streamed)("snakemake", *asked).stdout
