"""One chart for each dataset and backbone."""

from collections.abc import Callable

import pandas as pd

from fact.report.page.section import Chart

Place = tuple[str, str]


def charts_by_place(key: str, frame: pd.DataFrame, build: Callable[[pd.DataFrame], dict]) -> list[Chart]:
    """Return the specification that ``build`` makes of the rows of each place, in order of appearance."""
    return [
        Chart(f"{key}-{number}", " · ".join(place), build(at_place(frame, place)))
        for number, place in enumerate(places(frame))
    ]


def places(frame: pd.DataFrame) -> list[Place]:
    """Return pairs (dataset, backbone) of a frame, in order of appearance."""
    return list(dict.fromkeys(zip(frame["dataset"], frame["backbone"], strict=True)))


def at_place(frame: pd.DataFrame, place: Place) -> pd.DataFrame:
    """Return the rows of one place, without the columns that name it."""
    here = frame[(frame["dataset"] == place[0]) & (frame["backbone"] == place[1])]
    return here.drop(columns=["dataset", "backbone"])
