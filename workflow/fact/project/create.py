"""Begin a project: its folder, its commented configuration, checked before it is written."""

from pathlib import Path
from typing import cast

from fact.config.budget import budget_size
from fact.config.declared import Config
from fact.config.registries import read_overlay
from fact.data.path_text import to_text
from fact.data.walk import walk_images
from fact.infra.errors import ConfigError, LabelError
from fact.infra.fields import Settings
from fact.infra.files.publish import publish_text
from fact.infra.files.yaml_file import parse_yaml
from fact.project.before import gather_labelled, write_before
from fact.project.existing_labels import take_in
from fact.project.folder import BEFORE, CONFIG, INBOX, absolute, declared_backbones, settled
from fact.project.groups import groups_of, write_table
from fact.project.labels.declared_classes import declared_classes
from fact.project.settings import Asked, config_text


def new_project(folder: Path, asked: Asked, classes: list[str]) -> tuple[bool, int]:
    """Write ``fact.yaml`` (and ``classes.txt``) into ``folder``; whether it is new, and the images found.

    Raises FileNotFoundError and ConfigError for what cannot be used, and where another project's
    configuration is there: nothing is overwritten.
    """
    folder = absolute(folder)
    _check_places(folder, asked)
    result = _count(asked)
    before = folder / BEFORE if asked.already_labelled else None
    groups, table = groups_of(asked)
    text = config_text(folder, asked._replace(already_labelled=before, groups=groups), declared_backbones())
    config = settled([cast("Settings", parse_yaml(text))])
    if (folder / CONFIG).exists():
        _require_same(folder, config)
        _add_classes(folder, classes)
        return False, result
    if before and asked.already_labelled:
        write_before(before, _labelled_before(asked.already_labelled, asked.images))
    if asked.labels:
        take_in(folder / INBOX, asked.labels)
    _add_classes(folder, classes)
    write_table(folder, table)
    publish_text(folder / CONFIG, text)
    return True, result


def _labelled_before(path: Path, images: Path) -> dict[str, str]:
    """Return labels by sample id. Raises LabelError for an image that is not in the folder."""
    labels, known = gather_labelled(path), set(map(to_text, walk_images(images).images))
    if unknown := [name for name in labels if name not in known]:
        raise LabelError(
            f"{path} names {unknown[0]}, which is no image in {images} ({len(unknown)} of {len(labels)} are "
            "not); a sample_id is the path of an image in that folder"
        )
    return labels


def _add_classes(folder: Path, classes: list[str]) -> None:
    """Write ``classes.txt``. Raises ConfigError where other classes stand in it: nothing is overwritten."""
    path = folder / "classes.txt"
    if classes and path.is_file() and declared_classes(path) != classes:
        raise ConfigError(f"--classes: {path} is there and names other classes; edit it")
    if classes and not path.is_file():
        publish_text(path, "".join(f"{name}\n" for name in classes))


def _check_places(folder: Path, asked: Asked) -> None:
    for kind, place in (("images", asked.images), ("test", asked.test)):
        if place is None:
            continue
        if not place.is_dir():
            raise FileNotFoundError(f"--{kind} {place} is no folder")
        if folder.resolve().is_relative_to(place.resolve()):
            raise ConfigError(
                f"{folder} lies in the folder of --{kind}; what is made there would be read as images"
            )
    if asked.test and asked.test.resolve() == asked.images.resolve():
        raise ConfigError(f"--test {asked.test} is the folder of --images; keep images to measure on apart")
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"{folder} is a file; name a folder that is new or empty")


def _count(asked: Asked) -> int:
    """Return the number of images by their names, before any is opened.

    Raises ConfigError, too, for a budget that they cannot fill.
    """
    images = walk_images(asked.images).images
    if not images:
        raise ConfigError(f"--images {asked.images} holds no file that is an image by its name")
    budget_size(asked.budget, len(images))
    return len(images)


def _require_same(folder: Path, config: Config) -> None:
    if settled([read_overlay(folder / CONFIG)]) != config:
        raise ConfigError(
            f"{folder / CONFIG} is there and says something else; edit it, or name another folder. "
            "For more labels: fact more"
        )
