from pathlib import Path

import pandas as pd
import pytest
from fact.report.tables.published import published_values, read_published

HEADER = "# a note\ntable,dataset,backbone,budget,row,metric,value\n"
SHIPPED = Path(__file__).parents[4] / "config/published.csv"
# the numbers as they were typed off the paper, where they lie beside the repository
SOURCE = Path(__file__).parents[5] / "shared/paper/published_results.csv"


def written(path: Path, *lines: str) -> Path:
    path.write_text(HEADER + "".join(f"{line}\n" for line in lines))
    return path


def test_values_are_found_by_place_row_and_metric(tmp_path):
    path = written(
        tmp_path / "p.csv", "t,c,v,1pct,FF,top1,85.0", "t,,v,,FF,trained_percent,100", "u,c,v,1pct,FF,top1,1"
    )
    assert published_values(read_published(path), "t") == {
        ("c", "v", "1pct", "FF", "top1"): 85.0,
        ("", "v", "", "FF", "trained_percent"): 100.0,
    }
    assert published_values(read_published(path), None)[("c", "v", "1pct", "FF", "top1")] == 85.0


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["t,c,v,1pct,FF,top1,much"], "'much' of FF is no number"),
        (["t,c,v,1pct,FF,top1,1", "t,c,v,1pct,FF,top1,2"], "twice"),
    ],
)
def test_a_file_that_cannot_be_trusted_is_refused(tmp_path, lines, told):
    with pytest.raises(ValueError, match=told):
        read_published(written(tmp_path / "p.csv", *lines))


def test_a_file_without_the_columns_is_refused(tmp_path):
    (tmp_path / "p.csv").write_text("table,value\nt,1\n")
    with pytest.raises(ValueError, match="it needs table, dataset"):
        read_published(tmp_path / "p.csv")


def test_shipped_gains_are_differences_of_shipped_accuracies():
    """Table IX follows from Tables I and VIII, but for rounding and one slip of the paper."""
    frame = read_published(SHIPPED)
    places = ["dataset", "backbone", "budget", "row"]
    accuracy = frame[frame["table"].isin(["table1", "table8"])].drop_duplicates(places)
    known = accuracy.set_index(places)["value"]
    gains = frame[frame["table"] == "table9"]
    pairs = gains["row"].str.split(" - ", expand=True)
    one, other = (
        known.reindex(pd.MultiIndex.from_frame(gains[places[:3]].assign(row=pairs[side]))).to_numpy()
        for side in (0, 1)
    )
    off = gains[abs(gains["value"] - (one - other)) > 0.0101]
    assert len(gains) == 84
    assert off[places].to_numpy().tolist() == [["cifar10", "vit_small_dino", "1pct", "LP - FF"]]


def test_shipped_numbers_are_those_of_the_source():
    if not SOURCE.is_file():
        pytest.skip(f"{SOURCE} is not here")
    values = [line.rsplit(",", 1)[1] for line in SOURCE.read_text().splitlines()[1:]]
    assert read_published(SHIPPED)["value"].tolist() == [float(value) for value in values]
