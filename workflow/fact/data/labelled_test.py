"""Test images only measure: one without a label is left out, and a test set without any is refused."""

from pathlib import Path

from fact.data.folder_layout import Layout
from fact.infra.errors import DataError

REASON = "has no label, and test images only measure"


def with_labelled_test(root: Path, layout: Layout) -> Layout:
    """Return the layout without test images that have no label, which are listed.

    Raises DataError where no test image has one.
    """
    tested = [entry for entry in layout.candidates if entry.split == "test"]
    bare = {entry.path for entry in tested if entry.class_name is None}
    if tested and len(bare) == len(tested):
        raise DataError(
            f"{root}: no test image has a label to measure by; set options.label_column or another split as "
            "options.splits.test, or that to null where nothing is measured"
        )
    return layout._replace(
        candidates=[entry for entry in layout.candidates if entry.path not in bare],
        problems=sorted([*layout.problems, *((path, REASON) for path in bare)]),
    )
