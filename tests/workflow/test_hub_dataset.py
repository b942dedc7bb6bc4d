"""Digits in Parquet shards and in a WebDataset, from the files to a score."""

import io
from pathlib import Path

import pandas as pd
from checkout import WARM_SNAKEMAKE, planned, prepared, runner
from fact.data.sources import digits
from fact.infra.files.record import read_record
from hub_copies import hub_table, write_parquet
from PIL import Image
from tar_copies import write_tar

OVERLAY = """
run: {datasets: [hub, tars], seeds: [0], selectors: [random], methods: [LR-frozen]}
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
  tars:
    source: webdataset
    root: tars
    options: {}
    backbones: [vit_digits]
    budgets: [60img]
    transform: squash
    training: {}
    recipes: {}
"""
COMMAND = (*WARM_SNAKEMAKE, "--cores", "2", "--configfile", "own.yaml")
FEATURES = {"image": {"_type": "Image"}, "label": {"names": list("0123456789"), "_type": "ClassLabel"}}


def encoded(rows: pd.DataFrame) -> list[bytes]:
    """The pixels of these digits as PNG."""
    images = []
    for locator in rows["locator"]:
        buffer = io.BytesIO()
        Image.fromarray(digits.read_image(None, locator)).save(buffer, "PNG")
        images.append(buffer.getvalue())
    return images


def write_shard(root: Path, name: str, rows: pd.DataFrame) -> None:
    """The same digits as a Parquet shard and as a tar archive."""
    images, labels = encoded(rows), rows["label"].to_list()
    write_parquet(root / f"shards/{name}.parquet", hub_table(images, labels, FEATURES), rows=40)
    members = {f"{number:04d}.png": image for number, image in enumerate(images)}
    members |= {f"{number:04d}.cls": str(label).encode() for number, label in enumerate(labels)}
    write_tar(root / f"tars/{name.replace('validation', 'test')}.tar", members)


def test_shards_give_a_score_and_nothing_runs_again(tmp_path: Path) -> None:
    site, rows = prepared(tmp_path / "checkout", OVERLAY, "own.yaml"), digits.index().rows
    pool, test = rows[rows["split"] == "pool"], rows[rows["split"] == "test"]
    for shard in range(2):
        write_shard(site, f"train-0000{shard}-of-00002", pool.iloc[shard * 150 : shard * 150 + 150])
    write_shard(site, "validation", test.iloc[:100])
    run = runner(site)
    run(*COMMAND)
    for name in ("hub", "tars"):
        (score,) = (site / "results/runs" / name).rglob("score.json")
        # of noise, or of rows that were mixed up, it is near 0.1
        assert read_record(score)["top1_last"] > 0.8
        files = pd.read_csv(site / f"results/datasets/{name}/files.csv")
        assert files["outcome"].value_counts().to_dict() == {"used": 400}
    assert planned(run("snakemake", "-n", "--configfile", "own.yaml").stdout) == set()
