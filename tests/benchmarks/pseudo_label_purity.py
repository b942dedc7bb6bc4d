"""How many of ActiveDC's pseudo-labels are right, on a pool whose labels are known.

    python tests/benchmarks/pseudo_label_purity.py POOL.h5 SELECTION.csv [SELECTION.csv …]

Purity is a diagnosis: it looks at labels that no stage of the workflow may see.
"""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "workflow"))
from fact.features.labelled import labelled_features, positions
from fact.features.store import read_features
from fact.selection.calibrations.activedc import calibrate

WIDENINGS = ((0.2, "scalar_all"), (0.02, "scalar_all"), (0.0, "scalar_all"), (0.02, "identity"))


def main(features: Path, selections: list[Path]) -> None:
    pool = read_features(features, tokens=False)
    classes = int(pool.labels.max()) + 1
    print("selection", *(f"xi {xi} {mode}" for xi, mode in WIDENINGS), sep=" | ")
    for selection in selections:
        _, labels, ids = labelled_features(pool, selection)
        labelled, cells = positions(pool, ids, selection), []
        for xi, mode in WIDENINGS:
            found = calibrate(pool.features, labelled, labels, classes, 0, alpha=0.7, xi=xi, xi_mode=mode)
            right = np.mean(found.labels == pool.labels[found.indices])
            cells.append(f"{100 * right:.0f} % of {len(found.indices)}")
        print("/".join(selection.with_suffix("").parts[-3:]), *cells, sep=" | ")


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
