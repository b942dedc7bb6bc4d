from fact.config.paths import Cell
from fact.report.page.every_score import every_score_section

CELL = Cell("digits", "vit", "random", "20img", 3)


def test_a_row_for_each_score_leads_to_its_file():
    section = every_score_section([(CELL, "FACT", "a", "../a%20b/score.json")], {"a": {"top1_last": 0.5}})
    (table,) = section.parts
    assert table.linked and table.rows == [
        ["digits", "vit", "random", "20img", "FACT", "3", "50.00", "../a%20b/score.json"]
    ]


def test_a_segmentation_has_its_own_measure_and_no_score_is_no_number():
    runs = [(CELL, "FF", name, name) for name in ("a", "b")]
    (table,) = every_score_section(runs, {"a": {"miou_last": 0.25}, "b": {}}).parts
    assert [row[6] for row in table.rows] == ["25.00", "–"]
    assert not every_score_section([], {}).parts
