import pytest
import typer
from fact.commands.errors import plain_errors
from fact.infra.errors import BUG, ArtifactError, ConfigError, DataError, FactError, LabelError


@pytest.mark.parametrize(
    "error",
    [
        ConfigError("a\n b"),
        DataError("a b"),
        LabelError("a b"),
        ArtifactError("a b"),
        FileNotFoundError("a b"),
    ],
)
def test_what_a_user_can_mend_is_one_line(error: Exception, capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(typer.Exit) as ended, plain_errors():
        raise error
    assert ended.value.exit_code == 1 and capsys.readouterr().err == "error: a b\n"


@pytest.mark.parametrize("error", [ValueError("a"), KeyError("a"), OSError("a"), RuntimeError("a")])
def test_a_bug_shows_as_what_it_is(error: Exception) -> None:
    with pytest.raises(type(error)) as raised, plain_errors():
        raise error
    assert raised.value is error and error.__notes__ == [BUG]


def test_every_kind_can_be_caught_as_pythons_own() -> None:
    kinds = (ConfigError, DataError, LabelError, ArtifactError)
    assert all(issubclass(kind, FactError) and issubclass(kind, ValueError) for kind in kinds)
