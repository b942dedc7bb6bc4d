import pytest
from fact.report.tables.durations import in_words


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0 s"),
        (0.004, "0.004 s"),
        (0.44, "0.4 s"),
        (12.3, "12 s"),
        (89.0, "89 s"),
        (93.0, "1.6 min"),
        (3600.0, "60 min"),
        (7200.0, "2.0 h"),
        (360_000.0, "100 h"),
    ],
)
def test_times_are_rounded_to_what_they_mean(seconds: float, text: str):
    assert in_words(seconds) == text
