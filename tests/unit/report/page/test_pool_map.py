from dataclasses import replace

import pandas as pd
from fact.report.page.pool_map import make_pool_map, pool_figures, wrongly_spread


def pool(count: int) -> pd.DataFrame:
    names = [f"image {number}" for number in range(count)]
    return pd.DataFrame({"sample_id": names, "x": range(count), "y": [5.0] * count, "method": "PCA"})


CHOSEN = {("random", "2img"): ["image 4", "image 0"], ("kmeans", "2img"): ["image 2"]}


def test_picks_stand_at_their_points_in_pick_order():
    found = make_pool_map(("digits", "vit"), pool(5), CHOSEN, (100, 10))
    assert found.picks.drop(columns="label").values.tolist() == [
        ["random", "2img", 1, "image 4", 1.0, 0.0],
        ["random", "2img", 2, "image 0", 0.0, 0.0],
        ["kmeans", "2img", 1, "image 2", 0.5, 0.0],
    ]


def test_a_figure_for_each_selection_with_classes_and_pictures_where_known():
    labelled = pool(5).assign(label=[0, 1, 1, -1, 0])
    found = make_pool_map(("digits", "vit"), labelled, CHOSEN, (100, 10))
    part, sheet = pool_figures([replace(found, classes=["cat", "<b>dog</b>"], pictures={"image 0": 3})])
    assert [figure.keys["selector"] for figure in part.figures] == ["random", "kmeans"]
    drawn = str(part.figures[0].svg)
    assert drawn.count('class="pick c0"') == 2 and 'data-image="3"' in drawn and drawn.count("tabindex") == 1
    assert "1: image 4, cat" in drawn and "<b>" not in str(part.figures[1].svg)
    assert sheet.pictures == [3] and sheet.keys["selector"] == "random"
    assert sheet.caption == "Images picked by random, digits · vit · 2img (1 of 2, in pick order)"
    assert [entry.name for entry in part.legend] == ["cat", "<b>dog</b>"] and "classes" in part.note


def test_without_labels_points_are_grey_and_nothing_claims_classes():
    (part,) = pool_figures([make_pool_map(("digits", "vit"), pool(5), CHOSEN, (100, 10))])
    assert 'class="cloud"' in part.figures[0].svg and part.legend == [] and "classes" not in part.note


def test_large_pools_and_selections_are_thinned():
    many = pool(5 * 2000 + 1)
    found = make_pool_map(("a", "b"), many, {("random", "1pct"): list(many["sample_id"])}, (2000, 30))
    assert len(found.points) <= 2000 and len(found.picks) == 30


def test_images_whose_class_the_spread_labels_miss_are_specks():
    spread = pd.DataFrame({"sample_id": ["image 0", "image 1", "image 3"], "label": [0, 0, 0]})
    labels = pd.Series([0, 1, 1, -1], index=["image 0", "image 1", "image 2", "image 3"])
    assert wrongly_spread(spread, labels) == {"image 1"}
    found = make_pool_map(("digits", "vit"), pool(5), CHOSEN, (100, 10))
    (part,) = pool_figures([replace(found, wrong={("random", "2img"): {"image 1"}})])
    random, kmeans = (str(figure.svg) for figure in part.figures)
    assert random.count('class="wrong"') == 1 and 'class="wrong"' not in kmeans
    assert "miss the class" in part.note
