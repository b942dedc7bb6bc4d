"""Dataclasses from plain JSON."""

from dataclasses import dataclass

import pytest
from fact.infra.errors import ArtifactError, ConfigError
from fact.infra.fields import read_fields


@dataclass(frozen=True)
class Box:
    sides: tuple[tuple[int, ...], ...]
    colour: str = "red"


def test_lists_become_tuples_and_other_keys_are_left():
    assert read_fields(Box, {"sides": [[1, 2], [3]], "weight": 4}, "box") == Box(((1, 2), (3,)))


def test_a_missing_key_is_named_with_the_keys_that_are_there():
    with pytest.raises(ConfigError, match="box: the key 'sides' is missing; it has colour"):
        read_fields(Box, {"colour": "blue"}, "box")
    with pytest.raises(ArtifactError, match=r"a\.json: the key 'sides' is missing; it has none"):
        read_fields(Box, {}, "a.json", ArtifactError)
