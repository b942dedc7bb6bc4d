"""Accuracy over seeds: a row for each place and method, with its mean and spread."""

import pandas as pd

SETTING = ["dataset", "backbone", "selector", "budget"]
INTERVAL = "Bars reach one sample standard deviation over seeds (selection and training) to either side."


def over_seeds(scores: pd.DataFrame, quantity: str = "top1_last") -> pd.DataFrame:
    """Return SETTING, ``method``, ``mean``, ``low`` and ``high`` in %, and ``n`` seeds.

    Rows are in order of appearance.
    ``low`` and ``high`` are one sample standard deviation away, on the mean where there is one seed.
    """
    groups = scores.groupby([*SETTING, "method"], sort=False)[quantity]
    frame = (groups.agg(["mean", "std", "count"]) * [100, 100, 1]).reset_index()
    deviation = frame.pop("std").fillna(0)
    frame["low"], frame["high"] = frame["mean"] - deviation, frame["mean"] + deviation
    frame["n"] = frame.pop("count").astype(int)
    return frame[frame["n"] > 0].round({"mean": 2, "low": 2, "high": 2})
