"""Names that are perhaps one class are named, right ones beside each other are not."""

import pytest
from fact.project.labels.misspelt import are_twins, misspelt
from fact.project.labels.reconcile import reconcile
from fact.project.labels.vote import Vote


@pytest.mark.parametrize(
    "pair",
    [
        ("grand_piano", "grand_piaon"),
        ("hedgehog", "hedgehgo"),
        ("Dog", "dog"),
        ("sea lion", "sea_lion"),
        ("cat", "cat "),
        ("airplane", "airplan"),
    ],
)
def test_twins(pair: tuple[str, str]) -> None:
    assert are_twins(*pair)


@pytest.mark.parametrize(
    "pair", [("scorpion", "accordion"), ("class 10", "class 11"), ("ship", "truck"), ("crab", "crayfish")]
)
def test_classes_that_are_two(pair: tuple[str, str]) -> None:
    assert not are_twins(*pair)


def found(names: list[str]) -> dict[str, str]:
    ids = [str(number) for number in range(len(names))]
    votes = [Vote(name, (label,), "ann", "x") for name, label in zip(ids, names, strict=True)]
    return misspelt(reconcile(votes, ids), None)


def test_twins_are_named_whatever_their_counts() -> None:
    assert found(["Dog"] * 5 + ["dog"] * 6) == {"Dog": "dog"}
    assert found(["hedgehgo"] * 4 + ["hedgehog"] * 9 + ["ship"]) == {"hedgehgo": "hedgehog"}


def test_short_names_are_suspect_only_where_one_is_rare() -> None:
    assert found(["cat"] * 5 + ["bat"] * 5) == {}
    assert found(["dgo"] + ["dog"] * 5) == {"dgo": "dog"}
