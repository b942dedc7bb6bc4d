import pandas as pd
from fact.report.page.by_place import at_place, charts_by_place, places

FRAME = pd.DataFrame(
    {
        "dataset": ["cifar10", "digits", "cifar10"],
        "backbone": ["vit", "vit", "vit"],
        "method": ["LP", "LP", "FF"],
    }
)


def test_places_in_order_of_appearance():
    assert places(FRAME) == [("cifar10", "vit"), ("digits", "vit")]
    here = at_place(FRAME, ("cifar10", "vit"))
    assert list(here["method"]) == ["LP", "FF"] and list(here.columns) == ["method"]


def test_a_chart_for_each_place_of_its_own_rows():
    charts = charts_by_place("gains", FRAME, lambda rows: {"methods": list(rows["method"])})
    assert [chart.key for chart in charts] == ["gains-0", "gains-1"]
    assert [chart.caption for chart in charts] == ["cifar10 · vit", "digits · vit"]
    assert [chart.spec["methods"] for chart in charts] == [["LP", "FF"], ["LP"]]
    assert charts_by_place("gains", FRAME.iloc[:0], dict) == []
