"""The picture of a features file."""

from pathlib import Path

import numpy as np
import pytest
from fact.features.projection import plot_features, principal_components, project
from feature_files import COUNT, arrays, write
from matplotlib import image as pictures


def blobs(count: int) -> np.ndarray:
    """Rows that alternate between two distant centres in 20 dimensions."""
    rng = np.random.default_rng(0)
    centres = np.zeros((count, 20), np.float32)
    centres[::2, 0] = 50
    return centres + rng.standard_normal((count, 20)).astype(np.float32)


def test_principal_components_agree_with_the_svd() -> None:
    features = np.random.default_rng(0).standard_normal((40, 6)) * [6, 5, 4, 3, 2, 1] + 100
    centred = features - features.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    found = principal_components(features, 3)
    assert np.allclose(np.abs(found), np.abs(centred @ axes[:3].T), atol=1e-4)
    assert np.allclose(principal_components(features + 1, 3), found, atol=1e-4)
    assert np.array_equal(principal_components(features, 8)[:, 6:], np.zeros((40, 2)))


@pytest.mark.parametrize(("count", "method"), [(2, "PCA"), (9, "PCA"), (30, "t-SNE"), (2001, "PCA")])
def test_far_groups_stay_apart(count: int, method: str) -> None:
    points, name = project(blobs(count), seed=0)
    assert points.shape == (count, 2) and name.startswith(method)
    middle = [points[start::2].mean(axis=0) for start in (0, 1)]
    nearest = np.array([np.linalg.norm(points - centre, axis=1) for centre in middle]).argmin(axis=0)
    assert np.array_equal(nearest, np.arange(count) % 2)


def test_the_same_seed_gives_the_same_points() -> None:
    assert np.array_equal(project(blobs(20), 3)[0], project(blobs(20), 3)[0])


@pytest.mark.parametrize("labels", [np.arange(COUNT) - 1, np.full(COUNT, -1)])
def test_chosen_images_change_the_picture(tmp_path: Path, labels: np.ndarray) -> None:
    path = write(tmp_path / "pool.h5", labels=labels)
    chosen = tmp_path / "chosen.csv"
    name = arrays()["sample_ids"][4]
    chosen.write_text(f"rank,sample_id,path,score\n1,{name},x.png,1.0\n", encoding="utf-8")
    plot_features(path, tmp_path / "plain.png")
    plot_features(path, tmp_path / "chosen.png", chosen)
    plain, marked = (pictures.imread(tmp_path / f"{stem}.png") for stem in ("plain", "chosen"))
    assert plain.shape == marked.shape and plain.shape[0] > 500
    assert plain[..., :3].std() > 0.01
    assert not np.array_equal(plain, marked)


def test_a_selection_of_other_images_is_refused(tmp_path: Path) -> None:
    chosen = tmp_path / "chosen.csv"
    chosen.write_text("rank,sample_id,path,score\n1,other.png,x.png,1.0\n")
    with pytest.raises(ValueError, match=r"names other\.png, which is not in .*pool\.h5"):
        plot_features(write(tmp_path / "pool.h5"), tmp_path / "plot.png", chosen)
    assert not (tmp_path / "plot.png").exists()
