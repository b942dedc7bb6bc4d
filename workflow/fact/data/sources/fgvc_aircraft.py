"""FGVC-Aircraft: 100 variants of aircraft, 6,667 images to train on (the pool) and 3,333 to test.

S. Maji et al., "Fine-Grained Visual Classification of Aircraft", arXiv:1306.5151, 2013. ``root`` holds
``fgvc-aircraft-2013b/``, or is that folder or its ``data/``: ``images/``, ``variants.txt`` and
``images_variant_{trainval,test}.txt``, whose lines are ``1025794 707-320``. The banner at the bottom of each
image stays, as in the published results.
"""

from pathlib import Path

from fact.data.folder_layout import Candidate, Layout, with_repeats
from fact.data.manifest import Counts
from fact.data.published_files import PublishedFiles
from fact.infra.errors import DataError
from fact.infra.files.download import download_and_unpack

PLACES = ("fgvc-aircraft-2013b/data/", "data/", "")
SPLITS = {"pool": "trainval", "test": "test"}


def download(root: Path) -> None:
    """Download the published archive into ``root`` and unpack it (2.6 GB)."""

    from torchvision.datasets import FGVCAircraft

    # no md5 is published; the images are decoded one by one when they are indexed
    download_and_unpack(FGVCAircraft._URL, root)


def _read_layout(root: Path) -> Layout:
    place = _find_place(root)
    variants = _read_lines(root / place / "variants.txt")
    candidates = [
        candidate for split in SPLITS for candidate in _read_split(root, place, split, variants=set(variants))
    ]
    return Layout(sorted(candidates), variants, [])


def _find_place(root: Path) -> str:
    for place in with_repeats(PLACES):
        if (root / place / "variants.txt").is_file():
            return place
    raise FileNotFoundError(
        f"{root} holds no {PLACES[0]}variants.txt; set datasets.<name>.root to a copy of FGVC-Aircraft, or "
        "leave it out and let rule get_data download one"
    )


def _read_split(root: Path, place: str, split: str, variants: set[str]) -> list[Candidate]:
    path = root / place / f"images_variant_{SPLITS[split]}.txt"
    candidates = []
    for number, line in enumerate(_read_lines(path), 1):
        image, _, variant = line.partition(" ")
        if not image.isalnum() or variant not in variants:
            raise DataError(
                f"{path}: line {number} is {line!r}, no image and variant of variants.txt; fetch it again"
            )
        candidates.append(Candidate(f"{place}images/{image}.jpg", split, variant))
    return candidates


def _read_lines(path: Path) -> list[str]:
    if not path.is_file():
        raise FileNotFoundError(
            f"{path} does not exist; the copy of FGVC-Aircraft is incomplete, fetch it again"
        )
    try:
        return [line.strip() for line in path.read_text("utf-8").splitlines() if line.strip()]
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not UTF-8 text ({error}); fetch it again") from error


AIRCRAFT = PublishedFiles(_read_layout, Counts(classes=100, pool=6_667, test=3_333))

index = AIRCRAFT.index
read_image = AIRCRAFT.read_image
expected_counts = AIRCRAFT.expected_counts
