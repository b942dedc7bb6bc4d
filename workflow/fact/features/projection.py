"""A features file as a picture: its samples in two dimensions, coloured by label, the chosen ones marked."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fact.features.store import read_features
from fact.infra.errors import ArtifactError
from fact.infra.files.publish import publish

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TSNE_SAMPLES = 2_000
TSNE_INPUTS = 50
NAMED_CLASSES = 20


def plot_features(
    path: Path | str,
    out_png: Path | str,
    selection_csv: Path | str | None = None,
    seed: int = 0,
    *,
    classes: Sequence[str] | None = None,
) -> None:
    """Publish a scatter plot of a features file as PNG; a ring marks the samples of ``selection_csv``.

    ``classes`` name the labels in the legend.

    Raises as ``read_features`` does, and ArtifactError for a selection that names samples of another file.
    """
    from matplotlib.figure import Figure

    content = read_features(path, tokens=False)
    chosen = _chosen_rows(content.sample_ids, selection_csv, path) if selection_csv else []
    points, method = project(content.features, seed)
    figure = Figure(figsize=(8, 7), layout="constrained")
    axes = figure.add_subplot()
    _scatter(axes, points, content.labels, classes)
    if chosen:
        x, y = points[chosen].T
        axes.scatter(x, y, s=40, facecolors="none", edgecolors="black", label=f"{len(chosen)} chosen")
    names = (content.attributes["dataset"], content.attributes["backbone"], content.attributes["split"])
    axes.set_title(f"{' · '.join(names)}: {len(points)} samples\n{method}", parse_math=False)
    axes.set(xticks=[], yticks=[])
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    with publish(out_png) as temporary:
        figure.savefig(temporary, format="png", dpi=150)


def project(features: np.ndarray, seed: int) -> tuple[np.ndarray, str]:
    """Return two coordinates per row, float32 (N, 2), and the name of the method.

    t-SNE (van der Maaten and Hinton, 2008) of the first principal components up to 2,000 rows, where it takes
    some seconds; the first two principal components above, and below ten rows.
    """
    if not 10 <= len(features) <= TSNE_SAMPLES:
        return principal_components(features, 2), "PCA"
    from sklearn.manifold import TSNE

    inputs = principal_components(features, min(TSNE_INPUTS, features.shape[1]))
    perplexity = min(30.0, (len(features) - 1) / 3)
    points = TSNE(perplexity=perplexity, init="pca", random_state=seed).fit_transform(inputs)
    return points, f"t-SNE (perplexity {perplexity:.3g}) of {inputs.shape[1]} principal components"


def principal_components(features: np.ndarray, count: int) -> np.ndarray:
    """Return float32 (N, count): centred rows on the leading eigenvectors of their covariance, zeros beyond
    D.

    The sign of each component is fixed by its largest weight, so that a picture does not flip.
    """
    centred = features - features.mean(axis=0, dtype=np.float64)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    vectors = vectors[:, ::-1][:, :count]
    signs = np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(vectors.shape[1])])
    points = np.zeros((len(features), count), np.float32)
    points[:, : vectors.shape[1]] = centred @ (vectors * signs)
    return points


def _scatter(
    axes: "Axes", points: np.ndarray, labels: np.ndarray, classes: Sequence[str] | None = None
) -> None:
    """Draw each class in a colour of its own; a legend where there are few."""
    from matplotlib import colormaps

    present = np.unique(labels)
    if len(present) > NAMED_CLASSES:
        x, y = points.T
        axes.scatter(x, y, s=6, c=labels, cmap="turbo", label=f"{len(present)} labels")
        return
    for position, label in enumerate(present):
        named = classes[label] if classes and 0 <= label < len(classes) else f"class {label}"
        # a name that begins with an underscore would be left out of the legend
        name = "unknown" if label < 0 else named.lstrip("_") or "class"
        colour = "lightgrey" if label < 0 else colormaps["tab20"](position)
        x, y = points[labels == label].T
        axes.scatter(x, y, s=6, color=colour, label=name)


def _chosen_rows(sample_ids: list[str], selection_csv: Path | str, path: Path | str) -> list[int]:
    from fact.data.selection_file import read_selection

    rows = {sample_id: row for row, sample_id in enumerate(sample_ids)}
    chosen = read_selection(Path(selection_csv))
    if missing := [sample_id for sample_id in chosen if sample_id not in rows]:
        remedy = "give the selection of this dataset"
        raise ArtifactError(f"{selection_csv} names {missing[0]}, which is not in {path}; {remedy}")
    return [rows[sample_id] for sample_id in chosen]
