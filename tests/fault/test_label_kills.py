"""What the drill of `fact label` does, a few times."""

from pathlib import Path

from label_drill import LabelDrill


def test_kills_while_labelling_lose_and_double_nothing(tmp_path: Path) -> None:
    drill = LabelDrill(tmp_path, seed=1)
    drill.kill_until(6)
    assert drill.problems() == []
    assert drill.client.saved, "something was labelled between the kills"
