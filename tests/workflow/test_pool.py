"""The pool in phase 3: propagated labels, a head, a second phase 2; and only labels of the chosen images."""

import csv
from pathlib import Path

import pytest
import yaml
from checkout import TINY, WARM_SNAKEMAKE, prepared, runner
from fact.data.selection_file import read_selection
from fact.features.store import read_features
from fact.infra.files.record import read_record
from fact.tasks.classification.propagated import read_propagated

PLACE = "digits/vit_digits/activeft/20img/seed0"
CELL = f"results/runs/{PLACE}"
SCORES = [f"{CELL}/{name}/score.json" for name in ("lp-ft", "lp-ft/pool", "lp-ft-pool", "lp-ft-pool/pool")]
CLASSES = 10


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    overlay = yaml.safe_load(TINY)
    overlay["run"] |= {"history": "last", "keep_refined": False}
    overlay["recipes"]["lp-ft"]["epochs"] = 20
    checkout = prepared(tmp_path_factory.mktemp("pool"), yaml.safe_dump(overlay), "tiny.yaml")
    runner(checkout)(*WARM_SNAKEMAKE, "--cores", "2", "--configfile", "tiny.yaml", "--", *SCORES)
    return checkout


def test_the_pool_is_worth_more_than_the_labels_alone(site: Path) -> None:
    plain, *with_pool = (read_record(site / path)["top1_last"] for path in SCORES)
    assert max(with_pool) > plain


def test_vectors_of_the_whole_pool_and_no_tokens(site: Path) -> None:
    pool = read_features(site / CELL / "lp-ft/refined_pool.h5", expect={"split": "pool"})
    assert len(pool.sample_ids) == 1437 and pool.tokens is None
    assert pool.attributes["precision"] == "fp32"


def test_a_head_and_a_second_round_take_the_surest(site: Path) -> None:
    propagated = read_propagated(site / CELL / "lp-ft/propagated/graph.parquet")
    labelled = read_selection(site / f"results/selections/{PLACE}.csv")
    assert sum(propagated.labelled) == len(labelled) == 20
    pseudo = read_record(site / CELL / "pseudo/surest.json")
    assert len(pseudo["sample_ids"]) <= 20 * CLASSES and not set(pseudo["sample_ids"]) & set(labelled)
    head = read_record(site / CELL / "lp-ft/pool/score.json")
    assert head["details"]["pool_images"] == len(propagated.surest(100))
    record = read_record(site / CELL / "lp-ft/propagated/graph.json")
    assert sum(record["class_shares"]) == pytest.approx(1, abs=1e-4) and record["power"] > 0


def test_only_labels_of_the_chosen_images_have_a_part_in_it(site: Path) -> None:
    run, path = runner(site), site / CELL / "lp-ft/propagated/graph.parquet"
    before, labels = path.read_bytes(), site / "labels.csv"
    labelled = set(read_selection(site / f"results/selections/{PLACE}.csv"))
    with labels.open(newline="") as file:
        rows = list(csv.DictReader(file))
    kept = [row for row in rows if row["sample_id"] in labelled]
    assert len(kept) < len(rows)
    with labels.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(kept)
    path.unlink()
    asked = str(path.relative_to(site))
    changed = ("--configfile", "tiny.yaml", "--rerun-triggers", "mtime")
    run(*WARM_SNAKEMAKE, "--cores", "2", *changed, "--", asked)
    assert path.read_bytes() == before
