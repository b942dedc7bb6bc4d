"""A project's images as a task for the page: those of this round, of an audit, and those labelled before."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from fact.config.paths import FEATURES
from fact.data.contract import image_reader, load_source
from fact.data.images import Resize
from fact.data.labels_file import read_labels
from fact.data.manifest import read_manifest
from fact.data.path_text import to_path
from fact.infra.errors import ConfigError
from fact.infra.files.publish import publish_text
from fact.project.folder import Project, open_project
from fact.project.hand_out import Batch
from fact.project.labelling.task import AUDIT, AskedImage, LabelTask
from fact.project.labels.journal import JOURNAL
from fact.project.labels_back import classes_file, project_classes
from fact.project.shown import shown
from fact.project.to_label import audit_batch, batch

ROUND, BEFORE = "this round", "labelled before"
CLASSES = "classes.txt"
# the square's side where the configuration leaves it to the backbone; only its shape is shown
USUAL_SIDE = 224


def project_task(project: Project) -> LabelTask:
    """Return what is to be labelled in a project.

    Raises FileNotFoundError where no images are chosen yet, and ConfigError where the labels are a list of
    the user's own, which FACT does not write.
    """
    place = shown(project.folder)
    if project.labels_are_own:
        raise ConfigError(
            f"{project.labels} is a list of your own, and FACT writes no labels beside it; put it into "
            f"{place}/labels_back/ instead, then fact label {place}"
        )
    if not (project.selection.is_file() and (project.index / "manifest.parquet").is_file()):
        raise FileNotFoundError(f"no images are chosen in {place} yet; choose them: fact run {place}")
    features = project.folder / FEATURES.format(dataset=project.cell.dataset, backbone=project.cell.backbone)
    pool = features / "pool.h5"
    return replace(
        _task(project, list(_images(project))),
        declare=partial(_declare, project),
        project=project.folder,
        features=pool if pool.is_file() else None,
        groups=project.groups,
        again=lambda: project_task(open_project(project.folder)),
    )


def image_task(project: Project, batch: Batch) -> LabelTask:
    """Return the images of a batch alone, to be written into a page that stands for itself."""
    return _task(project, list(_of_batch(batch, "")))


def _task(project: Project, images: Sequence[AskedImage]) -> LabelTask:
    read = image_reader(load_source("own_images"), project.images, project.dataset["options"])
    return LabelTask(
        project.folder.name,
        images,
        project.folder / JOURNAL,
        lambda image: read(image.path, image.sha256 or None),
        classes=project_classes(project),
        resize=_resize(project),
        file=lambda image: project.images / to_path(image.path),
        exif=project.dataset["options"].get("exif", True),
    )


def _of_batch(batch: Batch, part: str) -> Iterator[AskedImage]:
    for name, path in batch.there().items():
        yield AskedImage(name, path, batch.checksums.get(name, ""), part)


def _images(project: Project) -> Iterator[AskedImage]:
    """Yield images of this round, of the audit that stands, and others that have a label."""
    result = list(_of_batch(batch(project), ROUND))
    result += _of_batch(audit_batch(project), AUDIT) if project.audit else []
    yield from result
    rows = read_manifest(project.index / "manifest.parquet")
    labels = read_labels(project.labels) if project.labels.is_file() else {}
    others = labels.keys() - {image.sample_id for image in result}
    pool = rows[(rows["split"] == "pool") & rows["sample_id"].isin(others)]
    for name, path, sha256 in pool[["sample_id", "locator", "sha256"]].values:
        yield AskedImage(name, path, sha256, BEFORE)


def _resize(project: Project) -> Resize | None:
    """Return what the model sees of an image; None where that is the whole."""
    transform = project.dataset["transform"]
    side = project.config.backbones[project.cell.backbone]["image_size"] or USUAL_SIDE
    return None if transform == "squash" else Resize(side, transform=transform)


def _declare(project: Project, name: str) -> None:
    """Add a class to ``classes.txt`` where classes are declared; else any name is a class."""
    if classes_file(project) is None:
        return
    path = project.folder / CLASSES
    text = path.read_text("utf-8-sig") if path.is_file() else "".join(map(_line, project_classes(project)))
    publish_text(path, f"{text.rstrip()}\n{name}\n")


def _line(name: str) -> str:
    return f"{name}\n"
