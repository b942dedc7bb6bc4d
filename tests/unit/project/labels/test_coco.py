"""COCO JSON: the category of an image's annotations is its class, where all agree."""

import json
from pathlib import Path

import pytest
from fact.project.labels.read_votes import read_votes

CATEGORIES = [{"id": 3, "name": "cat", "supercategory": "animal"}, {"id": 1, "name": "dog"}]
IMAGES = [{"id": 10, "file_name": "a/x.jpg", "width": 8, "height": 8}, {"id": 11, "file_name": "b/x.jpg"}]


def marked(image: int, category: int, **more: object) -> dict:
    return {"id": 1, "image_id": image, "category_id": category, **more}


def exported(folder: Path, annotations: list, images: list = IMAGES, categories: object = CATEGORIES) -> Path:
    content = {"info": {}, "images": images, "annotations": annotations, "categories": categories}
    (folder / "instances.json").write_text(json.dumps(content))
    return folder / "instances.json"


@pytest.mark.parametrize(
    ("annotations", "choices"),
    [
        ([marked(10, 3)], ("cat",)),
        ([marked(10, 3, bbox=[0, 0, 4, 4]), marked(10, 3, bbox=[1, 1, 4, 4])], ("cat",)),
        ([marked(10, 1, bbox=[0, 0, 4, 4]), marked(10, 3, segmentation=[])], ("dog", "cat")),
        ([], ()),
    ],
)
def test_categories_of_an_image(tmp_path: Path, annotations: list, choices: tuple[str, ...]) -> None:
    votes = read_votes(exported(tmp_path, annotations))
    assert [(vote.sample_id, vote.choices) for vote in votes] == [("a/x.jpg", choices), ("b/x.jpg", ())]
    assert votes[0].origin == "instances.json, image 10" and votes[0].annotator == "instances.json"


def test_an_annotation_of_no_image_is_a_vote_without_one(tmp_path: Path) -> None:
    votes = read_votes(exported(tmp_path, [marked(99, 3)]))
    assert [(vote.sample_id, vote.choices) for vote in votes][-1] == ("", ("cat",))


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        (
            {"annotations": [{"image_id": 10, "caption": "a cat"}], "categories": []},
            "captions and no categories",
        ),
        ({"annotations": [marked(10, 3)], "categories": []}, "annotations and no categories"),
        ({"annotations": [marked(10, 7)]}, "is no COCO file"),
        ({"annotations": [{"image_id": 10}]}, "is no COCO file"),
        ({"annotations": [1]}, "is no COCO file"),
        ({"annotations": [], "images": [{"id": 1}]}, "is no COCO file"),
        ({"annotations": [], "images": [IMAGES[0], IMAGES[0]]}, "two images of one id"),
    ],
)
def test_what_is_no_coco_file_is_refused(tmp_path: Path, parts: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_votes(exported(tmp_path, **parts))
