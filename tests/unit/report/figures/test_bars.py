from pathlib import Path

from fact.report.figures.bars import plot_bars
from fact.report.palette import LIGHT
from PIL import Image
from table_scores import frame, row, score, spec

COLUMNS = [("digits", "vit", "20img"), ("digits", "cnn", "20img"), ("cifar10", "vit", "1pct")]
ASKED = spec(row("FF"), row("LP"), columns=[list(column) for column in COLUMNS])


def drawn(path: Path, top1: float = 0.5, columns: list[tuple[str, str, str]] = COLUMNS) -> Image.Image:
    scores = [
        score(top1 + seed / 10, method=m, column=c, seed=seed)
        for m in ("FF", "LP")
        for c in columns
        for seed in (0, 1)
    ]
    plot_bars(frame(*scores), ASKED, [path])
    with Image.open(path) as image:
        return image.convert("RGB")


def test_same_scores_same_bytes_and_other_scores_other_bytes(tmp_path):
    for name, top1 in (("a", 0.5), ("b", 0.5), ("c", 0.6)):
        drawn(tmp_path / f"{name}.png", top1)
    read = {name: (tmp_path / f"{name}.png").read_bytes() for name in "abc"}
    assert read["a"] == read["b"] != read["c"]


def test_a_backbone_has_a_colour_where_it_was_measured(tmp_path):
    # of white edges and hatches nothing is mixed in where a bar is plain
    second = tuple(int(LIGHT[1][place : place + 2], 16) for place in (1, 3, 5))

    def near(image: Image.Image) -> int:
        pixels = image.getcolors(1 << 24)
        return sum(
            count
            for count, colour in pixels
            if max(abs(a - b) for a, b in zip(colour, second, strict=True)) < 3
        )

    assert near(drawn(tmp_path / "all.png")) > 2 * near(
        drawn(tmp_path / "less.png", columns=[COLUMNS[0], COLUMNS[2]])
    )
