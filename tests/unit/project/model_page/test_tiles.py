"""Names and shares as they are shown."""

import pytest
from fact.project.model_page.tiles import LONGEST, shown_name, shown_share


def test_signs_that_do_not_print_are_escaped() -> None:
    assert shown_name("a\u202egpj.exe") == r"a\u202egpj.exe" and shown_name("猫 é.png") == "猫 é.png"


def test_a_long_name_keeps_both_ends() -> None:
    name = shown_name("a" * 200 + ".jpg")
    assert len(name) == LONGEST and name.startswith("aaa") and name.endswith("a.jpg") and "…" in name


@pytest.mark.parametrize(
    ("share", "text"), [(0, "0"), (1, "100"), (0.004, "< 1"), (0.996, "> 99"), (0.55, "55"), (0.01, "1")]
)
def test_not_quite_all_is_not_all(share: float, text: str) -> None:
    assert shown_share(share) == f"{text}\u00a0%"
