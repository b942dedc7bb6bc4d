"""What lies where in a project's folder, and what its configuration says."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fact.config.cells import table_cells
from fact.config.declared import Config, Entries, Entry
from fact.config.paths import DATASET, GROUPS, ODD_IMAGES, Cell, model_folder, selection_path
from fact.config.registries import read_overlay
from fact.config.settle import settled_config
from fact.data.path_text import is_utf8
from fact.infra.errors import ConfigError
from fact.infra.fields import Settings
from fact.infra.files.shipped import workflow_folder

CONFIG = "fact.yaml"
MORE = "more.yaml"
AUDIT = "audit.yaml"
LABELS = "labels.csv"
BEFORE = "already_labelled.csv"
INBOX = "labels_back"
PAGE = "report.html"


@dataclass(frozen=True)
class Project:
    """A project's folder, absolute, and its settled configuration."""

    folder: Path
    config: Config

    @property
    def cell(self) -> Cell:
        """The selection that is handed out: the first that the configuration asks for."""
        return table_cells(self.config, self.config.run["datasets"][0])[0]

    @property
    def dataset(self) -> Entry:
        """What the configuration says of the images."""
        return self.config.datasets[self.cell.dataset]

    @property
    def images(self) -> Path:
        """The folder of the images."""
        return self.place(self.dataset["root"])

    @property
    def test(self) -> Path | None:
        """The folder of the labelled images to measure on, if any."""
        path = self.dataset["options"].get("test")
        return self.place(path) if path else None

    @property
    def index(self) -> Path:
        """The folder of the manifest."""
        return self.folder / DATASET.format(dataset=self.cell.dataset)

    @property
    def odd_images(self) -> Path:
        """The page of images to look at before they are labelled."""
        return self.folder / ODD_IMAGES.format(dataset=self.cell.dataset)

    @property
    def groups(self) -> list[str]:
        """The list of images that belong together: one file, or none where the configuration names none."""
        path = self.folder / GROUPS.format(dataset=self.cell.dataset)
        return [str(path)] if self.dataset.get("groups") else []

    @property
    def selection(self) -> Path:
        """The list of chosen images."""
        return self.folder / selection_path(self.cell)

    @property
    def model(self) -> Path:
        """The folder of the model."""
        return self.folder / model_folder(self.cell.dataset, self.cell.backbone)

    @property
    def page(self) -> Path:
        """The page about the model."""
        return self.folder / PAGE

    @property
    def labels(self) -> Path:
        """The labels that came back."""
        return self.place(self.dataset["labels"] or LABELS)

    @property
    def labels_are_own(self) -> bool:
        """Whether the labels are a list of the user's own: `fact` did not write it, and does not write it."""
        if self.labels != self.folder / LABELS:
            return True
        return self.labels.is_file() and not self.labels.with_suffix(".json").is_file()

    @property
    def before(self) -> Path | None:
        """Images that were labelled before this round, if any."""
        path = self.dataset.get("already_labelled")
        return self.place(path) if path else None

    @property
    def audit(self) -> Path | None:
        """The folder of the audit that stands, if any."""
        path = self.dataset.get("audit")
        return self.place(path) if path else None

    def place(self, path: str) -> Path:
        """Return a path of the configuration, which is relative to the project's folder.

        The workflow reads it the same, as it works in that folder: a project that is moved stays the same.
        """
        return self.folder / path

    @property
    def overlays(self) -> list[Path]:
        """Configuration files on top of the registries, the last wins."""
        return overlays(self.folder)


def overlays(folder: Path) -> list[Path]:
    """Return the configuration files of a project, the last wins."""
    return [path for name in (CONFIG, MORE, AUDIT) if (path := folder / name).is_file()]


def open_project(folder: Path) -> Project:
    """Return the project in a folder.

    Raises FileNotFoundError where there is none, ConfigError for a wrong key.
    """
    folder = absolute(folder)
    if not (folder / CONFIG).is_file():
        raise FileNotFoundError(
            f"there is no {CONFIG} in {folder}; make it: fact new {folder} --images FOLDER --budget N"
        )
    project = Project(folder, settled([read_overlay(path) for path in overlays(folder)]))
    if not project.dataset["root"]:
        raise ConfigError(
            f"{folder / CONFIG}: datasets.{project.cell.dataset}.root names no folder of images"
        )
    _check_lists(project)
    return project


def _check_lists(project: Project) -> None:
    """Raise for a list that the configuration names and that is not there, or is another project's."""
    own = project.labels if project.labels != project.folder / LABELS else None
    for key, path in (("labels", own), ("already_labelled", project.before), ("audit", project.audit)):
        if path and not path.exists():
            raise FileNotFoundError(
                f"{path} is not there, and datasets.{project.cell.dataset}.{key} of {project.folder} "
                "names it; put it back, or change that key"
            )
    if own and (own.parent / CONFIG).is_file() and own.with_suffix(".json").is_file():
        raise ConfigError(
            f"{project.folder / CONFIG}: datasets.{project.cell.dataset}.labels is the list of the project "
            f"{own.parent}, of which this folder is perhaps a copy; write labels: {LABELS}"
        )


def settled(configs: Sequence[Settings]) -> Config:
    """Return the whole configuration under these overlays. Raises ConfigError with every problem."""
    return settled_config(workflow_folder(), configs)


def declared_backbones() -> Entries:
    """Return the entries of config/backbones.yaml by name."""
    return read_overlay(workflow_folder() / "config/backbones.yaml")["backbones"]


def absolute(path: Path) -> Path:
    """Return the path from the root, links kept.

    Raises ConfigError for one that a configuration cannot hold.
    """
    result = Path(os.path.abspath(path))
    if not is_utf8(str(result)):
        raise ConfigError(f"{result!a} is not UTF-8, as a configuration is; rename it, or give a link to it")
    return result
