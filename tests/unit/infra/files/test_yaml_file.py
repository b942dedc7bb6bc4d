from pathlib import Path

import pytest
import yaml
from fact.infra.files.yaml_file import parse_yaml

REPOSITORY = Path(__file__).parents[4]
FILES = [*REPOSITORY.glob("config/*.yaml"), *REPOSITORY.glob("workflow/schemas/*.yaml")]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_reads_as_with_the_parser_in_python(path: Path) -> None:
    text = path.read_text("utf-8")
    assert parse_yaml(text) == yaml.load(text, Loader=yaml.SafeLoader)


def test_a_broken_line_is_named() -> None:
    with pytest.raises(yaml.YAMLError, match="line 2, column"):
        parse_yaml("a: 1\nb: [1, 2\n")


def test_nothing_is_run() -> None:
    with pytest.raises(yaml.YAMLError, match="python/object/apply"):
        parse_yaml("!!python/object/apply:os.getcwd []")
