"""Digits in shards of the Hugging Face Hub, from the files to a score."""

import io
from pathlib import Path

import pandas as pd
import pyarrow as pa
from checkout import WARM_SNAKEMAKE, planned, prepared, runner
from fact.data.sources import digits
from fact.infra.files.record import read_record
from hub_copies import hub_table, write_parquet
from PIL import Image

OVERLAY = """
run: {datasets: [hub], seeds: [0], selectors: [random], methods: [LR-frozen]}
datasets:
  hub:
    source: huggingface
    root: shards
    options: {splits: {pool: train, test: validation}, image_column: image, label_column: label}
    backbones: [vit_digits]
    budgets: [60img]
    transform: squash
    training: {}
    recipes: {}
"""
COMMAND = (*WARM_SNAKEMAKE, "--cores", "2", "--configfile", "own.yaml")
FEATURES = {"image": {"_type": "Image"}, "label": {"names": list("0123456789"), "_type": "ClassLabel"}}


def digits_table(rows: pd.DataFrame) -> pa.Table:
    """The pixels of these digits as PNG, and their labels."""
    images = []
    for locator in rows["locator"]:
        buffer = io.BytesIO()
        Image.fromarray(digits.read_image(None, locator)).save(buffer, "PNG")
        images.append(buffer.getvalue())
    return hub_table(images, rows["label"].to_list(), FEATURES)


def test_shards_give_a_score_and_nothing_runs_again(tmp_path: Path) -> None:
    site, rows = prepared(tmp_path / "checkout", OVERLAY, "own.yaml"), digits.index().rows
    pool, test = rows[rows["split"] == "pool"], rows[rows["split"] == "test"]
    for shard in range(2):
        part = pool.iloc[shard * 150 : shard * 150 + 150]
        write_parquet(site / f"shards/train-0000{shard}-of-00002.parquet", digits_table(part), rows=40)
    write_parquet(site / "shards/validation.parquet", digits_table(test.iloc[:100]), rows=100)
    run = runner(site)
    run(*COMMAND)
    (score,) = (site / "results/runs/hub").rglob("score.json")
    # of noise, or of rows that were mixed up, it is near 0.1
    assert read_record(score)["top1_last"] > 0.8
    files = pd.read_csv(site / "results/datasets/hub/files.csv")
    assert files["outcome"].value_counts().to_dict() == {"used": 400}
    assert planned(run("snakemake", "-n", "--configfile", "own.yaml").stdout) == set()
