"""What lies where in a project's folder, and what its configuration says."""

import os
from pathlib import Path
from typing import NamedTuple

import yaml

import fact
from fact.config.paths import Cell, model_folder, selection_path, table_cells
from fact.config.registries import merge, with_registries
from fact.config.settle import settle
from fact.data.path_text import is_utf8
from fact.infra.files.yaml_file import parse_yaml

CONFIG = "fact.yaml"
MORE = "more.yaml"
REPOSITORY = Path(fact.__file__).resolve().parents[2]


class Project(NamedTuple):
    """A project's folder, absolute, and its settled configuration."""

    folder: Path
    config: dict

    @property
    def cell(self) -> Cell:
        """The selection that is handed out: the first that the configuration asks for."""
        return table_cells(self.config, self.config["run"]["datasets"][0])[0]

    @property
    def dataset(self) -> dict:
        """What the configuration says of the images."""
        return self.config["datasets"][self.cell.dataset]

    @property
    def images(self) -> Path:
        """The folder of the images."""
        return Path(self.dataset["root"])

    @property
    def index(self) -> Path:
        """The folder of the manifest."""
        return self.folder / "results/datasets" / self.cell.dataset

    @property
    def selection(self) -> Path:
        """The list of chosen images."""
        return self.folder / selection_path(self.cell)

    @property
    def model(self) -> Path:
        """The folder of the model."""
        return self.folder / model_folder(self.cell.dataset, self.cell.backbone)

    @property
    def labels(self) -> Path:
        """The labels that came back."""
        return self.folder / "labels.csv"

    @property
    def before(self) -> Path | None:
        """Images that were labelled before this round, if any."""
        path = self.dataset.get("already_labelled")
        return Path(path) if path else None

    @property
    def overlays(self) -> list[Path]:
        """Configuration files on top of the registries, the last wins."""
        return overlays(self.folder)


def overlays(folder: Path) -> list[Path]:
    """The configuration files of a project, the last wins."""
    return [path for name in (CONFIG, MORE) if (path := folder / name).is_file()]


def open_project(folder: Path) -> Project:
    """The project in a folder. Raises FileNotFoundError where there is none, ValueError for a wrong key."""
    folder = absolute(folder)
    if not (folder / CONFIG).is_file():
        raise FileNotFoundError(
            f"there is no {CONFIG} in {folder}; make it: fact new {folder} --images FOLDER --budget N"
        )
    project = Project(folder, settled([read_yaml(path) for path in overlays(folder)]))
    if not project.dataset["root"]:
        raise ValueError(f"{folder / CONFIG}: datasets.{project.cell.dataset}.root names no folder of images")
    return project


def settled(configs: list[dict]) -> dict:
    """The whole configuration under these overlays. Raises ValueError (ConfigError) with every problem."""
    config = parse_yaml((repository() / "config/config.yaml").read_text("utf-8"))
    for overlay in configs:
        config = merge(config, overlay)
    config = with_registries(config, repository() / "config")
    return settle(config, repository() / "workflow/schemas/config.schema.yaml")


def repository() -> Path:
    """The folder of the Snakefile. Raises FileNotFoundError for a library that was installed without it."""
    if not (REPOSITORY / "Snakefile").is_file():
        raise FileNotFoundError(
            f"{REPOSITORY} has no Snakefile; install the library from the repository: pip install -e ."
        )
    return REPOSITORY


def declared_backbones() -> dict:
    """The entries of config/backbones.yaml by name."""
    return parse_yaml((repository() / "config/backbones.yaml").read_text("utf-8"))["backbones"]


def absolute(path: Path) -> Path:
    """The path from the root, links kept. Raises ValueError for one that a configuration cannot hold."""
    found = Path(os.path.abspath(path))
    if not is_utf8(str(found)):
        raise ValueError(f"{found!a} is not UTF-8, as a configuration is; rename it, or give a link to it")
    return found


def read_yaml(path: Path) -> dict:
    """A configuration file. Raises ValueError for what is none."""
    try:
        content = parse_yaml(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} cannot be read as YAML: {error}") from error
    if not isinstance(content, dict):
        raise ValueError(f"{path} is no configuration; mend it, or make it again with `fact new`")
    return content
