from fact.report.tables.seconds import seconds_markdown
from table_scores import frame, row, score, spec


def test_a_line_for_each_row_with_its_stages_and_the_device():
    scores = frame(
        score(
            0.5, devices="CPU, 1 thread", **{"training_seconds.select": 2.0, "training_seconds.tune": 30.0}
        ),
        score(0.5, seed=1, devices="CPU, 1 thread; GPU", **{"training_seconds.select": 4.0}),
    )
    text = seconds_markdown(scores, spec(row("LP"), row("FF"), kind="minutes"))
    assert "| digits | vit | 20img | LP | 3 | 30 |" in text and "FF" not in text
    assert "Measured on: CPU, 1 thread, GPU." in text


def test_tables_of_accuracy_have_no_seconds():
    assert seconds_markdown(frame(score(0.5)), spec(row("LP"))) == ""
