"""YAML is read strictly: what a reader would take silently is refused."""

import pytest
import yaml
from fact.infra.files.yaml_file import parse_yaml


@pytest.mark.parametrize("text", ["a: 1\na: 2\n", "run:\n  seeds: [0]\n  seeds: [1]\n", "{a: 1, 'a': 2}\n"])
def test_a_key_twice_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(yaml.YAMLError, match="is there twice; keep one") as error:
        parse_yaml(text)
    assert error.value.problem_mark is not None


def test_merge_keys_and_equal_keys_of_different_mappings_are_read() -> None:
    read = parse_yaml("x: &x {a: 1}\ny: {<<: *x, a: 2}\nz: {a: 3}\n")
    assert read == {"x": {"a": 1}, "y": {"a": 2}, "z": {"a": 3}}
