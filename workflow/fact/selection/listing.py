"""The selection as a file: ``rank, sample_id, path, score``, which a human can read, cut and label from."""

from pathlib import Path

import pandas as pd

from fact.publish import publish_text

COLUMNS = ["rank", "sample_id", "path", "score"]


def write_selection(path: Path, rows: pd.DataFrame, scores: list[float]) -> None:
    """Publish the chosen manifest rows, in pick order, with the selector's scores."""
    listing = pd.DataFrame(
        {
            "rank": range(1, len(rows) + 1),
            "sample_id": list(rows["sample_id"]),
            "path": list(rows["locator"]),
            "score": [f"{score:.6g}" for score in scores],
        }
    )
    publish_text(path, listing.to_csv(index=False, lineterminator="\n"))


def read_selection(path: Path) -> list[str]:
    """Sample ids of a selection, in pick order. Raises ValueError for a file of another kind or repeated ids."""
    listing = pd.read_csv(path, dtype=str, keep_default_na=False)
    if list(listing.columns) != COLUMNS:
        raise ValueError(f"{path} is not a selection: its columns are {list(listing.columns)}, not {COLUMNS}")
    repeated = listing["sample_id"][listing["sample_id"].duplicated()]
    if len(repeated):
        raise ValueError(f"{path} names {repeated.iloc[0]} twice; delete the file and select again")
    return list(listing["sample_id"])


def chosen_rows(frame: pd.DataFrame, sample_ids: list[str], path: Path) -> pd.DataFrame:
    """Rows of a manifest for the chosen ids, in pick order. Raises ValueError for an id that is not in it."""
    indexed = frame.set_index("sample_id", drop=False)
    missing = [sample_id for sample_id in sample_ids if sample_id not in indexed.index]
    if missing:
        raise ValueError(f"{path} names {missing[0]}, which is not in the manifest; delete the file and select again")
    return indexed.loc[sample_ids].reset_index(drop=True)
