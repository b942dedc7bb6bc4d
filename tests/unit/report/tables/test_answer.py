import pytest
from fact.report.tables.answer import answer
from fact.report.tables.samples import table_samples
from table_scores import COLUMN, frame, row, score, spec

ROWS = spec(row("LP"), row("FF"), row("FACT"))


def said(*scores: dict, of=ROWS) -> str:
    found = answer(table_samples(frame(*scores), of), of)
    return f"{found.lead}{found.rest} {found.basis}".strip()


def seeds(tops: list[float], method: str) -> list[dict]:
    return [score(top, method=method, seed=seed) for seed, top in enumerate(tops)]


def test_a_row_that_is_surely_best_is_called_best():
    text = said(
        *seeds([0.80, 0.82, 0.81], "FACT"), *seeds([0.70, 0.72, 0.715], "LP"), *seeds([0.5, 0.5, 0.5], "FF")
    )
    assert text.startswith("FACT is best: 81.0 %, 9.8 points above LP (95 % interval +9.1 to +10.6).")
    assert text.endswith("9 runs: 3 rows, 1 setting, 3 seeds.")


def test_rows_that_chance_could_order_are_not_distinguishable():
    text = said(
        *seeds([0.80, 0.70, 0.75], "FACT"), *seeds([0.70, 0.80, 0.74], "LP"), *seeds([0.2, 0.1, 0.16], "FF")
    )
    assert "FACT has the highest mean, 75.0 %, but is not distinguishable from LP (+0.3 points" in text
    assert "It is 59.7 points above FF" in text


def test_one_seed_is_no_certainty_and_says_so():
    text = said(score(0.8, method="FACT"), score(0.7), score(0.6, method="FF"))
    assert text.startswith(
        "FACT has the highest mean: 80.0 %, 10.0 points above LP; 1 pair of runs is too few"
    )
    assert text.endswith("One seed only: chance of the seed is not seen.")


def test_one_row_has_no_rival():
    alone = spec(row("LP"))
    assert said(score(0.8), of=alone).startswith(
        "LP has 80.0 %; there is no other row to compare it with. 1 run:"
    )


def test_missing_cells_are_counted_and_their_rows_not_compared():
    two = spec(row("LP"), row("FF"), columns=[list(COLUMN), ["digits", "vit", "50img"]])
    text = said(score(0.5), score(0.5, column=("digits", "vit", "50img")), score(0.9, method="FF"), of=two)
    assert text.startswith("LP has 50.0 %") and "Not compared: FF" in text
    assert text.endswith("1 cell of the table without a score.")


def test_rows_of_unlike_settings_are_not_compared():
    two = spec(row("LP"), row("FF"), columns=[list(COLUMN), ["digits", "vit", "50img"]])
    text = said(score(0.5), score(0.9, method="FF", column=("digits", "vit", "50img")), of=two)
    assert text.startswith("No row can be called best: no setting has a score of every row.")


def test_an_oracle_is_not_called_best():
    with_oracle = spec(row("LP"), row("FF", oracle=True))
    text = said(score(0.5), score(0.9, method="FF"), of=with_oracle)
    assert text.startswith("LP has 50.0 %") and "Not compared: FF" in text


def test_no_score_says_so():
    assert said(*[score(0.5)][:0] or [score(0.5, method="unknown")]) == "No score yet."


def test_the_quickest_row_of_minutes_and_how_much_longer_the_slowest_takes():
    minutes = spec(row("LP"), row("FF"), kind="minutes", reference=None)
    columns = {"training_seconds.tune": 60.0}
    text = said(
        score(0.5, **columns), score(0.5, method="FF", **{"training_seconds.tune": 600.0}), of=minutes
    )
    assert text.startswith("LP takes the least time, 60 s on average; FF takes 10 times as long.")


@pytest.mark.parametrize(("gains", "told"), [([0.1, 0.11, 0.1], "95 % interval"), ([0.1], "too few runs")])
def test_the_largest_step_of_gains(gains: list[float], told: str):
    steps = spec(row("LP"), row("FF"), row("FACT"), kind="gains", steps=[["FACT", "LP"], ["FACT", "FF"]])
    lower = [0.8 - gain for gain in gains]
    text = said(
        *seeds([0.8] * len(gains), "FACT"), *seeds(lower, "LP"), *seeds([0.79] * len(gains), "FF"), of=steps
    )
    assert text.startswith("FACT - LP is the largest step: +10") and told in text
