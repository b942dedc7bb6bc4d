from pathlib import Path

import pytest
from fact.report.figures.distortion import plot_distortion
from fact.report.tables.distortion import distortion_rows, over_seeds, read_distortion, write_distortion


def cell(**changes) -> dict:
    given = {
        "dataset": "birds",
        "backbone": "vit",
        "selector": "random",
        "budget": "50img",
        "seed": 0,
        "recipe": "ff",
    }
    return given | changes


def record(labelled: float, unlabelled: float) -> dict:
    kinds = {"labelled": labelled, "unlabelled": unlabelled}
    return {kind: {"count": 5, "distance": 2 * value, "relative": value} for kind, value in kinds.items()}


def written(path: Path) -> Path:
    cells = [
        (cell(seed=0), record(0.5, 0.2)),
        (cell(seed=1), record(0.7, 0.4)),
        (cell(recipe="lora"), record(0.1, 0.1)),
    ]
    cells += [(cell(budget="100img"), record(0.6, 0.3))]
    write_distortion(path, [row for pair in cells for row in distortion_rows(*pair)])
    return path


def test_what_is_written_is_read(tmp_path: Path):
    frame = read_distortion(written(tmp_path / "distortion.csv"))
    assert len(frame) == 8
    assert frame.iloc[1].to_dict() == cell() | {
        "images": "unlabelled", "count": 5, "distance": 0.4, "relative": 0.2,
    }  # fmt: skip


def test_means_over_seeds(tmp_path: Path):
    means = over_seeds(read_distortion(written(tmp_path / "distortion.csv")))
    first = means.query("recipe == 'ff' and budget == '50img'").set_index("images")["relative"]
    assert first.to_dict() == {"labelled": pytest.approx(0.6), "unlabelled": pytest.approx(0.3)}
    assert len(means) == 6


def test_another_table_is_refused(tmp_path: Path):
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match=r"other\.csv has other columns"):
        read_distortion(tmp_path / "other.csv")


def test_the_same_table_gives_the_same_figure(tmp_path: Path):
    measured = read_distortion(written(tmp_path / "distortion.csv"))
    for name in ("one", "two"):
        plot_distortion(measured, [tmp_path / f"{name}.pdf", tmp_path / f"{name}.png"])
    for suffix in ("pdf", "png"):
        content = (tmp_path / f"one.{suffix}").read_bytes()
        assert len(content) > 1000 and content == (tmp_path / f"two.{suffix}").read_bytes()
