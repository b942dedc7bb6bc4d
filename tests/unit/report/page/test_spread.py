import pytest
from fact.report.page.spread import over_seeds
from table_scores import frame, score

OTHER = ("cifar10", "vit", "1pct")


def test_means_and_one_standard_deviation_in_percent():
    rows = over_seeds(frame(score(0.5, seed=0), score(0.7, seed=1), score(0.9, column=OTHER)))
    first = rows.iloc[0]
    assert (first["mean"], first["n"]) == (60, 2)
    deviation = 100 * 0.1 * 2**0.5
    assert (first["low"], first["high"]) == (
        pytest.approx(60 - deviation, abs=0.01),
        pytest.approx(60 + deviation, abs=0.01),
    )


def test_one_seed_has_no_spread():
    row = over_seeds(frame(score(0.5))).iloc[0]
    assert (row["low"], row["mean"], row["high"]) == (50, 50, 50)
