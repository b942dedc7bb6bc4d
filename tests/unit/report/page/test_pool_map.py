import pandas as pd
from fact.report.page.pool_map import make_pool_map


def pool(count: int) -> pd.DataFrame:
    names = [f"image {number}" for number in range(count)]
    return pd.DataFrame({"sample_id": names, "x": range(count), "y": [5.0] * count, "method": "PCA"})


def test_picks_stand_at_their_points_in_pick_order():
    chosen = {("random", "2img"): ["image 4", "image 0"], ("kmeans", "2img"): ["image 2"]}
    found = make_pool_map(("digits", "vit"), pool(5), chosen, (100, 10))
    assert found.picks.values.tolist() == [
        ["random", "2img", 1, "image 4", 1.0, 0.0],
        ["random", "2img", 2, "image 0", 0.0, 0.0],
        ["kmeans", "2img", 1, "image 2", 0.5, 0.0],
    ]
    assert found.caption.startswith("digits · vit: the pool by PCA")


def test_large_pools_and_selections_are_thinned():
    many = pool(5 * 2000 + 1)
    found = make_pool_map(("a", "b"), many, {("random", "1pct"): list(many["sample_id"])}, (2000, 30))
    assert len(found.points) <= 2000 and len(found.picks) == 30
