from pathlib import Path

from fact.infra.process.printable import PrintableLog, printable


def test_a_name_cannot_steer_a_terminal() -> None:
    assert printable("a\x1b[2Jb\nc\x9bd 猫") == "a\\x1b[2Jb\\nc\\x9bd 猫"


def test_a_log_keeps_its_lines(tmp_path: Path) -> None:
    with PrintableLog((tmp_path / "log").open("wb"), "utf-8", "backslashreplace") as log:
        print("one\tof\x1b]0;title\x07\ntwo \udce9", file=log)
    assert (tmp_path / "log").read_text("utf-8") == "one\tof\\x1b]0;title\\x07\ntwo \\udce9\n"
