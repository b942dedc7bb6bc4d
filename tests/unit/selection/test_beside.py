import numpy as np
import pytest
from fact.selection.beside import Beside, beside_by_name


def features(tracks: int, length: int, noise: float) -> np.ndarray:
    random = np.random.default_rng(0)
    rows = np.repeat(random.normal(size=(tracks, 16)), length, axis=0)
    return (rows + noise * random.normal(size=rows.shape)).astype(np.float32)


def test_frames_of_video_lie_beside_each_other() -> None:
    names = [f"video{track}/{frame}.jpg" for track in range(20) for frame in range(30)]
    found = beside_by_name(features(20, 30, 0.1), names)
    assert found.like_frames or found.share == pytest.approx(10 / 29, abs=0.1)
    # a slow walk through each video: neighbours in time are the most similar
    steps = np.cumsum(np.random.default_rng(1).normal(size=(600, 16)), axis=0).astype(np.float32)
    walk = beside_by_name(steps, names)
    assert walk.share > 0.9 and walk.like_frames


def test_photographs_of_one_thing_lie_beside_each_other_in_one_folder() -> None:
    names = [f"IMG_{number}.jpg" for number in range(1, 601)]
    assert beside_by_name(features(200, 3, 0.1), names).like_frames


def test_numbers_count_by_their_value() -> None:
    # by text 10 would stand between 1 and 2
    names = [f"{number}.jpg" for number in range(1, 41)]
    steps = np.cumsum(np.random.default_rng(1).normal(size=(40, 64)), axis=0).astype(np.float32)
    rows = np.random.default_rng(0).permutation(40)
    assert beside_by_name(steps[rows], [names[row] for row in rows]).share > 0.9


@pytest.mark.parametrize("folders", [1, 7, 60])
def test_independent_images_do_so_by_chance_alone(folders: int) -> None:
    names = [f"{row % folders}/{row:04d}.jpg" for row in range(1200)]
    found = beside_by_name(np.random.default_rng(0).normal(size=(1200, 16)).astype(np.float32), names)
    assert not found.like_frames and found.share < found.chance + 0.05


def test_classes_in_folders_are_no_frames() -> None:
    names = [f"class{row // 100}/{row}.jpg" for row in range(1200)]
    clusters = features(12, 100, 0.3)
    assert not beside_by_name(clusters, names).like_frames


def test_one_image_is_beside_none() -> None:
    assert beside_by_name(np.ones((1, 4), np.float32), ["a"]) == Beside(0.0, 0.0)
