"""What figures share: a backend without a window, names of axes, and files without a date."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt

from fact.infra.files.publish import publish

__all__ = ["AXES", "plain", "plt", "save"]

AXES = {"accuracy": "top-1 accuracy, last epoch (%)", "segmentation": "mIoU, last iteration (%)"}


def plain(name: str) -> str:
    """Return a name as matplotlib prints it unchanged: it reads a pair of dollars as a formula."""
    return name.replace("$", r"\$")


def save(figure: plt.Figure, path: Path) -> None:
    """Publish a figure in the format of the path's suffix, without a date: equal figures give equal bytes."""
    metadata = {"CreationDate": None} if path.suffix == ".pdf" else {"Software": None}
    with publish(path) as temporary:
        figure.savefig(temporary, format=path.suffix[1:], dpi=150, bbox_inches="tight", metadata=metadata)
